"""Writes policies.json: what torchvision's operations on Pillow images make of one small picture.

python3 test/core/train/data/policies.py > test/core/train/data/policies.json
"""

import json
import math

import PIL
import torchvision
from PIL import Image
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

H, W = 11, 9
N = InterpolationMode.NEAREST


def byte(y, x, c):
    return int(127 + 90 * math.sin(0.7 * y + 1.3 * c) + 60 * math.cos(0.9 * x - 0.4 * c + 0.2 * y)) % 256


pixels = bytes(byte(y, x, c) for y in range(H) for x in range(W) for c in range(3))
image = Image.frombytes("RGB", (W, H), pixels)


def shear(x, y):
    degrees = [math.degrees(math.atan(x)), math.degrees(math.atan(y))]
    return F.affine(image, angle=0.0, translate=[0, 0], scale=1.0, shear=degrees, interpolation=N, center=[0, 0])


def moved(x, y):
    return F.affine(image, angle=0.0, translate=[x, y], scale=1.0, shear=[0.0, 0.0], interpolation=N)


cases = {
    "brightness 0.4": F.adjust_brightness(image, 0.4),
    "brightness 1.9": F.adjust_brightness(image, 1.9),
    "colour 0": F.adjust_saturation(image, 0.0),
    "colour 1.7": F.adjust_saturation(image, 1.7),
    "contrast 0.3": F.adjust_contrast(image, 0.3),
    "contrast 1.8": F.adjust_contrast(image, 1.8),
    "sharpness 0.1": F.adjust_sharpness(image, 0.1),
    "sharpness 1.9": F.adjust_sharpness(image, 1.9),
    "posterise 3": F.posterize(image, 3),
    "solarise 100": F.solarize(image, 100),
    "autoContrast": F.autocontrast(image),
    "equalise": F.equalize(image.resize((W * 4, H * 4), Image.NEAREST)),
    "shearX 0.3": shear(0.3, 0.0),
    "shearX -0.7": shear(-0.7, 0.0),
    "shearY 0.4": shear(0.0, 0.4),
    "translateX 3": moved(3, 0),
    "translateY -4": moved(0, -4),
    "rotate 27": F.rotate(image, 27.0, interpolation=N),
    "rotate -110": F.rotate(image, -110.0, interpolation=N),
}
print(
    json.dumps(
        {
            "torchvision": torchvision.__version__,
            "pillow": PIL.__version__,
            "shape": [H, W, 3],
            "pixels": list(pixels),
            "cases": {name: list(found.tobytes()) for name, found in cases.items()},
        }
    )
)
