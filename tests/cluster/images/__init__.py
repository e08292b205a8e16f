"""Container images without a registry and without a container tool.

    base = debian.base()
    app = Image("shop/cart:1.0.0", (base, layer("cart", {"/app": folder})), {"Cmd": ["cart"]})
    node.load(app)

An image is layers and a configuration; several images become one archive in the layout that the
OCI image specification describes, and every runtime can import that.
"""

from tests.cluster.images.archive import Image, write
from tests.cluster.images.layers import Layer, layer

__all__ = ["Image", "Layer", "layer", "write"]
