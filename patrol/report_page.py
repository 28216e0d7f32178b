"""Style and script of the report page, kept in the page itself so that the folder can be mailed."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, "PingFang SC", "Microsoft YaHei",
  "Noto Sans SC", sans-serif; --line: #8884; }
body { margin: 0; }
header { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); position: relative; }
h1 { font-size: 1.3rem; margin: 0 0 .25rem; }
p { margin: .1rem 0; opacity: .8; }
#language { position: absolute; top: 1rem; right: 1.25rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }
button { font: inherit; padding: .3rem .7rem; border: 1px solid var(--c, #8888);
  border-radius: 2rem; background: none; color: inherit; cursor: pointer; }
button[aria-pressed=true] { background: var(--c, #495057); color: #fff; }
main { display: grid; gap: 1rem; padding: 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
figure { margin: 0; border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
figure[hidden] { display: none; }
img, .none { width: 100%; aspect-ratio: 4 / 3; object-fit: contain; background: #8882;
  display: block; }
.none { display: grid; place-items: center; padding: 1rem; box-sizing: border-box;
  text-align: center; }
figcaption { padding: .6rem .75rem; }
b { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  font-weight: 600; direction: rtl; text-align: left; unicode-bidi: plaintext; }
ul { list-style: none; margin: .3rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem; }
li { background: var(--c); color: #fff; padding: 0 .5rem; border-radius: 1rem; font-size: .85rem; }
small { opacity: .7; }
html[lang=en] [lang=zh-CN], html[lang=zh-CN] [lang=en] { display: none; }
"""

SCRIPT: Final = """
const root = document.documentElement;
if (!navigator.language.startsWith("zh")) root.lang = "en";
document.getElementById("language").onclick = () => {
  root.lang = root.lang === "en" ? "zh-CN" : "en";
};
const chips = [...document.querySelectorAll("[data-show]")];
for (const chip of chips) chip.onclick = () => {
  for (const other of chips) other.setAttribute("aria-pressed", String(other === chip));
  const wanted = chip.dataset.show;
  for (const figure of document.querySelectorAll("figure"))
    figure.hidden = wanted !== "all" && !figure.dataset.group.split(" ").includes(wanted);
};
"""
