"""`spanhook inject`: manifests in, instrumented manifests out."""

from console.options import (
    Files,
    ImageConfigs,
    Input,
    NamespaceName,
    Quiet,
    Recursive,
    SettingsFile,
    given_files,
)

EXAMPLES = (
    "spanhook inject -f shop.yaml | kubectl apply -f -",
    "kubectl get deployment cart -o yaml | spanhook inject > cart.yaml",
    "helm template shop | spanhook inject --image-configs images.json -q",
)


def inject(
    files: Files = None,
    recursive: Recursive = False,
    namespace: NamespaceName = None,
    image_configs: ImageConfigs = None,
    settings: SettingsFile = None,
    quiet: Quiet = False,
) -> None:
    """Instrument the pods in manifests, as the webhook would.

    The manifests go to stdout, a report to stderr. Running this opts pods in, unless a label opts
    them out. What is not injected stays as it is written: comments, order, other documents.
    """
    from console import output, report
    from console.deciding import decide, read_input
    from console.manifests.documents import Patch

    given = Input(given_files(files), recursive, namespace, image_configs, settings)
    manifests = read_input(given)
    answers = decide(given, manifests)
    patches: dict[int, list[Patch]] = {}
    for answer in answers:
        patch = Patch(answer.template.pointer, answer.outcome.operations)
        patches.setdefault(id(answer.document), []).append(patch)
    output.write(output.manifests(manifests, patches))
    if not quiet:
        report.injected(answers)
