"""Reads a request as JSON on stdin: a safetensors file, blocks one behind the other by kind and name, and images. Builds the network
with the names that published code has, loads the file strictly, and prints what it answers."""
import json
import struct
import sys

import torch
import torch.nn as nn

from blocks import KINDS, put


def read(path):
    with open(path, 'rb') as file:
        (length,) = struct.unpack('<Q', file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    header.pop('__metadata__', None)
    tensor = lambda e: torch.frombuffer(bytearray(data[slice(*e['data_offsets'])]), dtype=torch.float32).reshape(e['shape'])
    return {name: tensor(entry) for name, entry in header.items()}


request = json.load(sys.stdin)
root = nn.Module()
blocks = [put(root, b['name'], KINDS[b['kind']](*(b[key] for key in ('inputs', 'outputs', 'size', 'stride', 'groups'))))
          for b in request['blocks']]
dense = put(root, request['dense']['name'], nn.Linear(request['dense']['inputs'], request['dense']['outputs']))
root.load_state_dict(read(request['file']), strict=True)
root.eval()
with torch.no_grad():
    x = torch.tensor(request['images']).reshape(request['shape'])
    for block in blocks: x = torch.relu(block(x))
    print(json.dumps(dense(x.mean((2, 3))).flatten().tolist()))
