"""`spanhook uninject`: take the injection out of manifests."""

from console.options import Files, Input, Quiet, Recursive, given_files

EXAMPLES = (
    "spanhook uninject -f shop-injected.yaml > shop.yaml",
    "kubectl get deployment cart -o yaml | spanhook uninject | kubectl apply -f -",
)


def uninject(files: Files = None, recursive: Recursive = False, quiet: Quiet = False) -> None:
    """Take out of manifests what `spanhook inject` put in.

    The manifests go to stdout, a report to stderr. What was changed since is left, with a warning.
    """
    from console import output, report
    from console.deciding import read_input
    from console.manifests.documents import Patch
    from webhook.uninject import uninject as removal

    manifests = read_input(Input(given_files(files), recursive))
    pods = [(document, pod, removal(pod.pod)) for document, pod in manifests.pods()]
    patches: dict[int, list[Patch]] = {}
    for document, pod, removed in pods:
        patches.setdefault(id(document), []).append(Patch(pod.pointer, removed.operations))
    output.write(output.manifests(manifests, patches))
    if not quiet:
        report.uninjected(
            (document.file, pod, bool(removed.operations), removed.warnings)
            for document, pod, removed in pods
        )
