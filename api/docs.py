"""The API's description as one page without scripts, so that it works in a closed network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:62rem;padding:1rem;color:#1a1a1a}
h1{font-size:1.5rem}h2{margin-top:2rem;text-transform:capitalize;border-bottom:1px solid #ccc}
details{border:1px solid #ddd;border-radius:6px;margin:.5rem 0;padding:.4rem .7rem}
summary{cursor:pointer}summary b{display:inline-block;min-width:4.5rem}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:#f5f5f5;padding:.6rem;overflow:auto}
table{border-collapse:collapse}
td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}
.roles{color:#666}@media(prefers-color-scheme:dark){body{background:#171717;color:#e6e6e6}
pre{background:#242424}details,h2{border-color:#444}.roles{color:#aaa}a{color:#8ab4f8}}
"""
_STYLE_SHA256: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_SHA256}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The page's one style sheet stands in the page itself, so it is named by its hash."""

_CODE: Final = re.compile(r"`([^`]+)`")
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def install(app: FastAPI) -> None:
    """Serve the page at ``/docs``; the same as JSON is at ``/openapi.json``."""

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(render(app.openapi()), headers={"Content-Security-Policy": _POLICY})

    app.add_route("/docs", page, methods=["GET", "HEAD"], include_in_schema=False)


def render(schema: Mapping[str, Any]) -> str:
    """The HTML page of an OpenAPI description; every text in it is escaped."""
    info = schema["info"]
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>{_text(info['title'])}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(info['title'])} {_text(info['version'])}</h1>",
        _paragraphs(info.get("description", "")),
        "<p><a href='/openapi.json'>openapi.json</a> for client generators and API tools.</p>",
    ]
    tag = ""
    for path, method, operation in _operations(schema):
        heading = (operation.get("tags") or [""])[0]
        if heading != tag:
            tag = heading
            parts.append(f"<h2>{_text(tag)}</h2>")
        parts.extend(_operation(path, method, operation))
    parts.append("<h2>Bodies</h2>")
    for name, body in sorted(schema.get("components", {}).get("schemas", {}).items()):
        anchor = html.escape(name, quote=True)
        parts.append(
            f"<details id='{anchor}'><summary><code>{_text(name)}</code></summary>"
            f"{_json(body)}</details>"
        )
    parts.append("</body></html>")
    return "\n".join(parts)


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    roles = ", ".join(operation.get("x-roles", ()))
    yield (
        f"<details><summary><b>{method.upper()}</b> <code>{_text(path)}</code> "
        f"<span class='roles'>{_text(roles)}</span></summary>"
    )
    yield _paragraphs(operation.get("description", ""))
    parameters = operation.get("parameters", ())
    if parameters:
        yield "<table><tr><th>Parameter</th><th>In</th><th>Schema</th></tr>"
        for item in parameters:
            needed = " (required)" if item.get("required") else ""
            yield (
                f"<tr><td><code>{_text(item['name'])}</code>{needed}</td><td>{_text(item['in'])}"
                f"</td><td><code>{_text(json.dumps(item.get('schema', {})))}</code></td></tr>"
            )
        yield "</table>"
    if "requestBody" in operation:
        yield "<p>Request body</p>" + _json(operation["requestBody"]["content"])
    for status, answer in operation.get("responses", {}).items():
        if status == "default":
            continue  # the same everywhere: described above
        yield f"<p>Answer {_text(status)}: {_text(answer.get('description', ''))}</p>"
        if answer.get("content"):
            yield _json(answer["content"])
    yield "</details>"


def _paragraphs(text: str) -> str:
    parts = (_CODE.sub(r"<code>\1</code>", _text(part)) for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts if part.strip())


def _json(value: Any) -> str:
    return f"<pre>{_text(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _text(value: Any) -> str:
    return html.escape(str(value), quote=True)
