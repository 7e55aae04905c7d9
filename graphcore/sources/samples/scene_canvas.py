"""A canvas in world lengths: shapes gathered for one frame, then painted over the tissue as the camera sees
them.

World points are float [n, 2] in picture heights: y down from 0 to 1, x to the right from 0 to width/height.
Shapes are painted at twice the size and reduced, which smooths their edges; their shadows lie under all of
them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from graphcore.sources.samples.scene_looks import Colour, shade

OVERSAMPLING = 2
TEXTURE_MARGIN = 0.35
"""How far the tissue's texture reaches beyond the picture, in picture heights."""


@dataclass(frozen=True)
class Camera:
    """Where the camera looks in one frame: a shift in picture heights, a turn in radians, a magnification."""

    shift: tuple[float, float]
    turn: float
    zoom: float


class Canvas:
    """Gathers the shapes of one frame; `paint` makes the picture."""

    def __init__(self, width: int, height: int, camera: Camera, shadow: tuple[float, float]) -> None:
        """Starts an empty frame of `width` x `height` pixels; `shadow` is the way shadows fall."""
        self._size = (width * OVERSAMPLING, height * OVERSAMPLING)
        self._scale = height * OVERSAMPLING * camera.zoom
        cos, sin = np.cos(camera.turn), np.sin(camera.turn)
        self._turn = np.array([[cos, -sin], [sin, cos]])
        self._centre = np.array([width / height / 2, 0.5])
        self._shift = np.array(camera.shift)
        self._fall = np.array(shadow)
        self._shapes: list[tuple[np.ndarray, Colour, int]] = []
        self._shadows: list[tuple[np.ndarray, int]] = []
        self._puffs: list[tuple[np.ndarray, float, float]] = []

    def polygon(self, points: np.ndarray, colour: Colour, lift: float = 0.0) -> None:
        """A filled outline; `lift`, its height over the tissue from 0 to 1, decides where its shadow lies."""
        self._shapes.append((self._to_screen(points), colour, 0))
        if lift:
            self._shadows.append((self._to_screen(points + self._fall * (0.5 + lift)), 0))

    def line(self, points: np.ndarray, colour: Colour, width: float, lift: float = 0.0) -> None:
        """A curve of even width."""
        pixels = max(1, round(width * self._scale))
        self._shapes.append((self._to_screen(points), colour, pixels))
        if lift:
            self._shadows.append((self._to_screen(points + self._fall * (0.5 + lift)), pixels))

    def tube(self, points: np.ndarray, radii: np.ndarray | float, colour: Colour, lift: float = 0.0) -> None:
        """A round body along a curve, float [n, 2] with radii [n]: dark rims, a lit upper side."""
        points = np.asarray(points, float)
        radius = np.broadcast_to(np.asarray(radii, float), len(points))[:, None]
        along = np.gradient(points, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
        upward = across * np.where(across[:, 1:] > 0, -1.0, 1.0)

        def strip(offset: float, share: float) -> np.ndarray:
            middle = points + upward * radius * offset
            return np.concatenate([middle + across * radius * share, (middle - across * radius * share)[::-1]])

        self.polygon(strip(0, 1), shade(colour, 0.45), lift)
        self.polygon(strip(0.08, 0.75), shade(colour, 0.85))
        self.polygon(strip(0.35, 0.22), shade(colour, 1.6))

    def disc(self, centre: np.ndarray, radius: float, colour: Colour, lift: float = 0.0) -> None:
        """A filled circle."""
        turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        self.polygon(centre + radius * np.stack([np.cos(turn), np.sin(turn)], 1), colour, lift)

    def puff(self, centre: np.ndarray, radius: float, opacity: float) -> None:
        """A cloud of smoke over everything else."""
        self._puffs.append((self._to_screen(centre[None])[0], radius * self._scale, opacity))

    def paint(self, texture: Image.Image) -> Image.Image:
        """Paints tissue, shadows, shapes and smoke, in this order; the picture has the size of the frame."""
        picture = texture.transform(
            self._size, Image.Transform.AFFINE, self._to_texture(texture), Image.Resampling.BILINEAR
        )
        small = (self._size[0] // OVERSAMPLING, self._size[1] // OVERSAMPLING)
        if self._shadows:
            picture = self._darken(picture, small)
        draw = ImageDraw.Draw(picture)
        for points, colour, width in self._shapes:
            _draw(draw, points, tuple(int(min(255, max(0, c))) for c in colour), width)
        picture = picture.reduce(OVERSAMPLING)
        return self._smoke(picture) if self._puffs else picture

    def _darken(self, picture: Image.Image, small: tuple[int, int]) -> Image.Image:
        mask = Image.new("L", small)
        draw = ImageDraw.Draw(mask)
        for points, width in self._shadows:
            _draw(draw, points / OVERSAMPLING, 150, -(-width // OVERSAMPLING))
        mask = mask.filter(ImageFilter.BoxBlur(small[1] / 60)).resize(self._size, Image.Resampling.BILINEAR)
        picture.paste((28, 8, 8), (0, 0), mask)
        return picture

    def _smoke(self, picture: Image.Image) -> Image.Image:
        mask = Image.new("L", picture.size)
        draw = ImageDraw.Draw(mask)
        for centre, radius, opacity in self._puffs:
            x, y, r = *(centre / OVERSAMPLING), radius / OVERSAMPLING
            draw.ellipse((x - r, y - r, x + r, y + r), fill=int(255 * opacity))
        picture.paste((226, 226, 230), (0, 0), mask.filter(ImageFilter.BoxBlur(picture.size[1] / 18)))
        return picture

    def _to_screen(self, points: np.ndarray) -> np.ndarray:
        turned = (np.asarray(points) - self._centre - self._shift) @ self._turn.T
        return turned * self._scale + np.array(self._size) / 2

    def _to_texture(self, texture: Image.Image) -> tuple[float, ...]:
        """The affine map from a pixel of the frame to a pixel of the texture, as Pillow wants it."""
        pixels = texture.height / (1 + 2 * TEXTURE_MARGIN)
        linear = self._turn.T / self._scale * pixels
        middle = (self._centre + self._shift + TEXTURE_MARGIN) * pixels
        offset = middle - linear @ (np.array(self._size) / 2)
        return (*linear[0], offset[0], *linear[1], offset[1])


def _draw(draw: ImageDraw.ImageDraw, points: np.ndarray, fill: tuple[int, ...] | int, width: int) -> None:
    flat = points.ravel().tolist()
    if width:
        draw.line(flat, fill=fill, width=width, joint="curve")
    else:
        draw.polygon(flat, fill=fill)
