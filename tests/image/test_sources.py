import ast
import re
import tomllib
from pathlib import Path

from tests.image.building import ROOT

# Commands that these images are not for; each is imported when somebody runs it.
LEFT_OUT = frozenset({"console/commands/demo.py", "console/commands/node_agent.py"})
NODE_AGENT_ONLY = "nodeagent"


def packages() -> set[str]:
    """All packages of ours."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return set(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def copied(destination: str) -> list[str]:
    """What the Dockerfile's stages copy to `/app`, stage by stage."""
    text = (ROOT / "Dockerfile").read_text()
    return re.findall(rf"^COPY (?:--chown=\S+ )?(\w+) {destination}/\1$", text, re.MULTILINE)


def imported(file: Path) -> set[str]:
    """The roots of what a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_the_image_has_what_its_sources_import() -> None:
    """A package that starts to be imported has to be copied, in every target."""
    folders = copied("/app")
    for left_out, there in (
        (LEFT_OUT, set(folders) - {NODE_AGENT_ONLY}),
        (LEFT_OUT - {"console/commands/node_agent.py"}, set(folders)),
    ):
        sources = [
            file
            for folder in there
            for file in (ROOT / folder).rglob("*.py")
            if str(file.relative_to(ROOT)) not in left_out
        ]
        needed = set().union(*(imported(file) for file in sources)) & packages()

        assert len(sources) > 100
        assert needed <= there
    every = [name for name in set(folders) if name != NODE_AGENT_ONLY]
    assert sorted(folders) == sorted([*every * 3, NODE_AGENT_ONLY])


def test_what_is_copied_is_in_the_context() -> None:
    """.dockerignore lists what an image may be built from."""
    listed = (ROOT / ".dockerignore").read_text().splitlines()

    assert {f"!{folder}" for folder in copied("/app")} <= set(listed)
    assert listed[1] == "*"
