"""Draws printed matter (shop signs, cartons, sacks, banners), with Chinese text where a font is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Picture = npt.NDArray[np.uint8]
Rgb = tuple[int, int, int]

FONT_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyhbd.ttc",
)

SHOPS = (
    ("五金建材", "水暖 电料 油漆 工具"),
    ("鲜果园", "时令水果 批发零售"),
    ("便民超市", "烟酒 饮料 日用百货"),
    ("兰州拉面", "牛肉面 盖浇饭 凉菜"),
    ("沙县小吃", "拌面 扁肉 蒸饺 炖罐"),
    ("大药房", "中西药 医疗器械"),
    ("美发沙龙", "烫发 染发 护理"),
    ("早餐店", "豆浆 油条 包子 小笼"),
    ("电动车行", "销售 维修 充电 换胎"),
    ("窗帘布艺", "测量 定做 安装"),
    ("文具店", "办公用品 打字复印"),
    ("手机维修", "换屏 换电池 贴膜"),
    ("土菜馆", "家常小炒 承接酒席"),
    ("奶茶", "鲜奶茶 果茶 咖啡"),
    ("快递驿站", "代收 代寄 全国包邮"),
    ("粮油店", "大米 面粉 食用油"),
    ("童装", "春夏新款 特价"),
    ("门窗厂", "断桥铝 纱窗 淋浴房"),
    ("干洗店", "皮衣 地毯 窗帘"),
    ("卤味", "鸭脖 鸡爪 猪耳"),
    ("眼镜店", "验光 配镜"),
    ("鞋城", "厂家直销"),
    ("宠物店", "洗澡 美容 寄养"),
    ("烟酒商行", "名烟名酒 礼品回收"),
    ("足浴", "养生 推拿 刮痧"),
)
BANNERS = (
    "共建文明城市 共享美好生活",
    "爱护环境卫生 人人有责",
    "垃圾分类 从我做起",
    "创建全国文明城市",
)
GOODS = (
    "苹果",
    "矿泉水",
    "方便面",
    "牛奶",
    "饮料",
    "洗衣液",
    "瓷砖",
    "灯具",
    "纸巾",
    "脐橙",
    "家用电器",
)
SACKS = ("大米", "水泥", "面粉", "腻子粉", "饲料", "白砂糖", "化肥")
FARES = (
    "煎饼果子",
    "烤冷面",
    "炒面炒饭",
    "臭豆腐",
    "糖炒栗子",
    "烤红薯",
    "现磨豆浆",
    "鸡蛋灌饼",
    "水果捞",
)
PACKS: tuple[Rgb, ...] = (
    (168, 52, 44),
    (40, 84, 138),
    (52, 110, 66),
    (206, 170, 70),
    (222, 216, 202),
    (128, 78, 46),
    (196, 120, 52),
    (92, 94, 100),
    (150, 84, 108),
    (226, 226, 222),
    (70, 60, 52),
    (110, 150, 160),
)
_STROKES = {  # a few square characters as bars (x0, y0, x1, y1 of a 10x10 cell), for want of a font
    "日": ((2, 1, 2, 9), (8, 1, 8, 9), (2, 1, 8, 1), (2, 5, 8, 5), (2, 9, 8, 9)),
    "田": ((1, 1, 1, 9), (9, 1, 9, 9), (1, 1, 9, 1), (1, 5, 9, 5), (1, 9, 9, 9), (5, 1, 5, 9)),
    "王": ((1, 1, 9, 1), (1, 5, 9, 5), (1, 9, 9, 9), (5, 1, 5, 9)),
    "中": ((1, 3, 9, 3), (1, 7, 9, 7), (1, 3, 1, 7), (9, 3, 9, 7), (5, 0, 5, 10)),
    "工": ((2, 1, 8, 1), (1, 9, 9, 9), (5, 1, 5, 9)),
    "品": (
        (3, 0, 7, 0),
        (3, 4, 7, 4),
        (3, 0, 3, 4),
        (7, 0, 7, 4),
        (0, 6, 4, 6),
        (0, 10, 4, 10),
        (0, 6, 0, 10),
        (4, 6, 4, 10),
        (6, 6, 10, 6),
        (6, 10, 10, 10),
        (6, 6, 6, 10),
        (10, 6, 10, 10),
    ),
    "土": ((2, 4, 8, 4), (1, 9, 9, 9), (5, 0, 5, 9)),
}


@lru_cache(maxsize=1)
def font_file() -> str | None:
    """The first Chinese font found on this machine, or None."""
    return next((p for p in FONT_PLACES if Path(p).is_file()), None)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = font_file()
    if path is None:
        raise FileNotFoundError("no Chinese font")
    return ImageFont.truetype(path, size, index=2 if "NotoSans" in path else 0)


@dataclass
class Board:
    """A picture being lettered."""

    image: Image.Image

    @classmethod
    def plain(cls, width: int, height: int, colour: Rgb) -> Board:
        """A one-coloured board."""
        return cls(Image.new("RGB", (width, height), colour))

    def write(
        self, text: str, x: float, y: float, size: int, colour: Rgb, *, edge: Rgb | None = None
    ) -> None:
        """Write centred at x, y (pixels); square bar characters where no font is found."""
        draw = ImageDraw.Draw(self.image)
        if font_file() is not None:
            draw.text(
                (x, y),
                text,
                font=_font(size),
                fill=colour,
                anchor="mm",
                stroke_width=max(1, size // 16) if edge else 0,
                stroke_fill=edge,
            )
            return
        keys = sorted(_STROKES)
        left = x - size * len(text) / 2
        for k, letter in enumerate(text):
            if letter == " ":
                continue
            for x0, y0, x1, y1 in _STROKES[keys[ord(letter) % len(keys)]]:
                ox, oy, s = left + size * (k + 0.08), y - size * 0.42, size * 0.084
                draw.line(
                    (ox + x0 * s, oy + y0 * s, ox + x1 * s, oy + y1 * s),
                    fill=colour,
                    width=max(1, size // 9),
                )

    def wear(self, rng: Random, amount: float = 0.1) -> Picture:
        """Fade and stain a little; the picture as (h, w, 3) uint8."""
        im = self.image.filter(ImageFilter.GaussianBlur(0.4))
        a = np.asarray(im, dtype=np.float64)
        gen = np.random.default_rng(rng.randrange(1 << 30))
        coarse = gen.random((6, 10)).astype(np.float32) * 255
        wash = (
            np.asarray(
                Image.fromarray(coarse.astype(np.uint8)).resize(im.size, Image.Resampling.BICUBIC),
                dtype=np.float64,
            )[..., None]
            / 255
        )
        a = a * (1 - amount * wash) + 18 * amount * wash
        return np.clip(a, 0, 255).astype(np.uint8)


def shop_sign(rng: Random, aspect: float) -> Picture:
    """A shop's sign board, ``aspect`` = width / height."""
    name, small = rng.choice(SHOPS)
    h = 160
    w = int(h * aspect)
    ground, letters = rng.choice(
        (
            ((178, 26, 30), (255, 244, 214)),
            ((196, 30, 34), (255, 226, 60)),
            ((22, 96, 60), (255, 255, 255)),
            ((24, 62, 132), (255, 255, 255)),
            ((238, 236, 230), (176, 24, 28)),
            ((36, 36, 38), (235, 205, 130)),
            ((240, 150, 24), (255, 255, 255)),
            ((74, 44, 30), (245, 225, 180)),
            ((250, 206, 32), (190, 20, 20)),
            ((0, 120, 140), (255, 255, 255)),
            ((88, 90, 94), (250, 250, 250)),
        )
    )
    board = Board.plain(w, h, ground)
    draw = ImageDraw.Draw(board.image)
    if rng.random() < 0.5:
        draw.rectangle((4, 4, w - 5, h - 5), outline=letters, width=3)
    if rng.random() < 0.4:
        shade = tuple(int(c * 0.75) for c in ground)
        draw.rectangle((0, int(h * 0.74), w, h), fill=shade)
    size = int(min(h * 0.56, w * 0.78 / max(len(name), 1)))
    board.write(
        name, w * 0.5, h * 0.4, size, letters, edge=None if rng.random() < 0.6 else (20, 20, 20)
    )
    board.write(small, w * 0.5, h * 0.84, int(min(h * 0.15, w * 0.8 / len(small))), letters)
    if rng.random() < 0.5:
        r = h * 0.22
        cx = w * 0.09
        draw.ellipse((cx - r, h * 0.42 - r, cx + r, h * 0.42 + r), fill=letters)
        board.write(name[0], cx, h * 0.41, int(r * 1.3), ground)
    return board.wear(rng)


def carton_face(rng: Random) -> Picture:
    """The side of a carton: brand, fragile marks, tape."""
    base = rng.choice(((178, 138, 92), (190, 150, 104), (166, 124, 80), (196, 160, 116)))
    if rng.random() < 0.18:
        base = rng.choice(((232, 230, 224), (214, 60, 48), (60, 120, 180), (240, 190, 60)))
    ink = rng.choice(((40, 34, 30), (150, 30, 26), (24, 60, 120), (20, 90, 50)))
    if sum(base) < 420:
        ink = (250, 245, 235)
    board = Board.plain(192, 144, base)
    draw = ImageDraw.Draw(board.image)
    if rng.random() < 0.75:
        board.write(rng.choice(GOODS), 84, 58, rng.choice((30, 36, 42)), ink)
        for k in range(rng.randint(1, 3)):
            draw.line((30, 92 + 9 * k, 30 + rng.randint(50, 110), 92 + 9 * k), fill=ink, width=3)
        for k in range(2):
            draw.polygon(((158 + 16 * k, 20), (150 + 16 * k, 34), (166 + 16 * k, 34)), fill=ink)
            draw.rectangle((156 + 16 * k, 34, 160 + 16 * k, 48), fill=ink)
    if rng.random() < 0.7:
        tape = rng.choice(((214, 190, 150), (200, 170, 120), (225, 215, 195)))
        draw.rectangle((0, 0, 192, 9), fill=tape)
        draw.rectangle((88, 0, 106, 40), fill=tape)
    if rng.random() < 0.4:
        draw.rectangle((110, 84, 172, 124), fill=(240, 240, 236))
        for k in range(12):
            draw.line(
                (116 + 4 * k, 90, 116 + 4 * k, 108), fill=(30, 30, 30), width=rng.choice((1, 2))
            )
    return board.wear(rng, 0.18)


def sack_face(rng: Random) -> Picture:
    """A woven sack's print."""
    board = Board.plain(200, 128, rng.choice(((226, 222, 210), (212, 204, 186), (206, 186, 146))))
    ink = rng.choice(((190, 30, 30), (30, 80, 160), (20, 110, 60)))
    draw = ImageDraw.Draw(board.image)
    if rng.random() < 0.7:
        draw.rectangle((0, 0, 200, 16), fill=ink)
        draw.rectangle((0, 112, 200, 128), fill=ink)
        word = rng.choice(SACKS)
        board.write(word, 100, 56, 44 if len(word) < 3 else 32, ink)
        board.write("净含量 25千克", 100, 94, 15, ink)
    for x in range(0, 200, 3):
        draw.line((x, 0, x, 128), fill=tuple(int(c * 0.93) for c in board.image.getpixel((2, 60))))  # type: ignore[union-attr]
    return board.wear(rng, 0.22)


def fare_board(rng: Random, ground: Rgb | None = None) -> Picture:
    """The front of a food cart."""
    g = ground or rng.choice(((206, 30, 30), (240, 180, 20), (20, 110, 70), (30, 80, 160)))
    board = Board.plain(320, 150, g)
    word = rng.choice(FARES)
    light = (255, 240, 120) if sum(g) < 400 else (190, 20, 20)
    board.write(word, 160, 56, min(70, 290 // len(word)), light, edge=(60, 10, 10))
    board.write("现做现卖 干净卫生", 160, 116, 26, (255, 255, 255))
    draw = ImageDraw.Draw(board.image)
    draw.rectangle((5, 5, 314, 144), outline=(255, 255, 255), width=3)
    return board.wear(rng)


def price_card(rng: Random) -> Picture:
    """A cardboard price tag: so much for three jin."""
    board = Board.plain(96, 72, rng.choice(((250, 246, 232), (250, 220, 70), (220, 190, 140))))
    board.write(f"{rng.randint(3, 20)}元", 48, 24, 30, (200, 20, 20))
    board.write(rng.choice(("三斤", "一斤", "两斤", "特价")), 48, 54, 22, (20, 20, 20))
    return board.wear(rng)


def banner(rng: Random) -> Picture:
    """A red cloth banner with a slogan."""
    board = Board.plain(1000, 90, (190, 22, 26))
    board.write(rng.choice(BANNERS), 500, 44, 58, (255, 236, 120))
    return board.wear(rng)


def poster(rng: Random) -> Picture:
    """A bill for a window or a wall."""
    g = rng.choice(((230, 60, 50), (250, 210, 60), (60, 140, 200), (240, 240, 235), (90, 170, 90)))
    board = Board.plain(120, 160, g)
    ink = (30, 30, 30) if sum(g) > 430 else (255, 250, 230)
    board.write(rng.choice(("特价", "招工", "新品", "转让", "优惠", "外卖")), 60, 46, 46, ink)
    draw = ImageDraw.Draw(board.image)
    for k in range(5):
        draw.line((18, 88 + 13 * k, 18 + rng.randint(40, 84), 88 + 13 * k), fill=ink, width=4)
    return board.wear(rng, 0.2)


def newsprint(rng: Random) -> Picture:
    """An old newspaper or leaflet page."""
    board = Board.plain(140, 100, (222, 218, 206))
    draw = ImageDraw.Draw(board.image)
    board.write("日报", 36, 14, 20, (150, 24, 24))
    for column in range(4):
        for row in range(10):
            x = 6 + column * 34
            draw.line(
                (x, 32 + row * 6, x + rng.randint(18, 30), 32 + row * 6),
                fill=(110, 108, 104),
                width=2,
            )
    draw.rectangle(
        (74, 40, 132, 70), fill=rng.choice(((120, 130, 140), (160, 110, 90), (90, 120, 90)))
    )
    return board.wear(rng, 0.3)


def plate(rng: Random) -> Picture:
    """A number plate that is nobody's: all zeros."""
    green = rng.random() < 0.35
    board = Board.plain(176, 56, (150, 214, 150) if green else (20, 60, 170))
    ink = (20, 20, 20) if green else (255, 255, 255)
    board.write("浙D·00000" if not green else "浙D·000000", 88, 27, 34, ink)
    return board.wear(rng, 0.1)


def bin_label(rng: Random) -> Picture:
    """The waste kind on a bin's front."""
    word, g = rng.choice(
        (
            ("可回收物", (20, 80, 170)),
            ("其他垃圾", (70, 74, 78)),
            ("易腐垃圾", (30, 120, 60)),
            ("有害垃圾", (190, 30, 30)),
        )
    )
    board = Board.plain(128, 128, g)
    draw = ImageDraw.Draw(board.image)
    draw.ellipse((34, 14, 94, 74), outline=(250, 250, 250), width=7)
    draw.polygon(((64, 24), (50, 52), (78, 52)), fill=(250, 250, 250))
    board.write(word, 64, 100, 28, (250, 250, 250))
    return board.wear(rng)


def shelf(rng: Random) -> Picture:
    """A shop shelf's front: a row of packages of all sizes before a dark back."""
    w, h = 640, 104
    board = Board.plain(w, h, (34, 31, 28))
    draw = ImageDraw.Draw(board.image)
    x = 2
    while x < w - 14:
        wide, high = rng.randint(14, 46), rng.randint(46, 96)
        same = rng.randint(1, 3)
        ground = rng.choice(PACKS)
        ink = (250, 246, 236) if sum(ground) < 420 else (60, 30, 26)
        mark = rng.choice(GOODS)[0]
        for _ in range(same):
            if x + wide > w:
                break
            draw.rectangle((x, h - high, x + wide - 2, h), fill=ground)
            band = tuple(int(c * 0.72) for c in ground)
            draw.rectangle((x, h - high // 3, x + wide - 2, h - high // 6), fill=band)
            draw.line((x, h - high, x, h), fill=tuple(min(255, c + 35) for c in ground), width=2)
            if wide > 20:
                board.write(mark, x + wide / 2, h - high * 0.62, min(wide - 8, 26), ink)
            x += wide
        x += rng.choice((0, 0, 2, 9))
    return board.wear(rng, 0.3)
