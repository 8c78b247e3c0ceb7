"""Reads safetensors without the package of that name."""
import json
import struct

import torch


def read(path):
    with open(path, 'rb') as file:
        (length,) = struct.unpack('<Q', file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    header.pop('__metadata__', None)
    tensor = lambda e: torch.frombuffer(bytearray(data[slice(*e['data_offsets'])]), dtype=torch.float32).reshape(e['shape'])
    return {name: tensor(entry) for name, entry in header.items()}
