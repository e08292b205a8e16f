"""Small Python applications without telemetry code, each as other people would write it."""

FLASK = """
import os
from flask import Flask

app = Flask(__name__)

@app.route("/hello/<name>")
def hello(name):
    return str(os.getpid())

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), use_reloader="RELOAD" in os.environ)
"""

FASTAPI = """
import os
from fastapi import FastAPI

app = FastAPI()

@app.get("/hello/{name}")
async def hello(name: str):
    return os.getpid()
"""

DJANGO = """
import os, sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

def hello(request, name):
    return HttpResponse("hello")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
urlpatterns = [path("hello/<name>", hello)]
if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", os.environ["PORT"]])
"""

DJANGO_SETTINGS = """
ALLOWED_HOSTS = ["*"]
DEBUG = True
ROOT_URLCONF = "manage"
SECRET_KEY = "only for a test"
"""

# Uses what protobuf 5 has removed; with a protobuf of the agent's ahead it would not start.
OLD_PROTOBUF = (
    """
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
import google.protobuf
assert google.protobuf.__version__ == "4.25.8", google.protobuf.__version__
file = descriptor_pb2.FileDescriptorProto(name="a.proto", package="a")
file.message_type.add(name="M")
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
factory = message_factory.MessageFactory(pool)
factory.GetPrototype(pool.FindMessageTypeByName("a.M"))
"""
    + FLASK
)

# Uses what urllib3 2 has removed.
OLD_URLLIB3 = (
    """
import urllib3
from urllib3.util.retry import Retry
assert urllib3.__version__ == "1.26.5", urllib3.__version__
Retry(method_whitelist=["GET"])
"""
    + FLASK
)
