"""`spanhook inject`: manifests in, instrumented manifests out."""

from console.options import (
    TIMEOUT,
    CertificateAuthority,
    Files,
    ImageConfigs,
    Input,
    InsecureRegistries,
    Inspect,
    Layers,
    NamespaceName,
    PlainHttp,
    Platforms,
    Quiet,
    Recursive,
    SettingsFile,
    Timeout,
    given_files,
    registries,
)

EXAMPLES = (
    "spanhook inject -f shop.yaml | kubectl apply -f -",
    "kubectl get deployment cart -o yaml | spanhook inject > cart.yaml",
    "spanhook inject --inspect -f deploy/ -R > injected.yaml",
    "helm template shop | spanhook inject --image-configs images.json -q",
)


def inject(
    files: Files = None,
    recursive: Recursive = False,
    namespace: NamespaceName = None,
    image_configs: ImageConfigs = None,
    settings: SettingsFile = None,
    inspect: Inspect = False,
    layers: Layers = True,
    platforms: Platforms = None,
    plain_http: PlainHttp = None,
    insecure: InsecureRegistries = None,
    certificate_authority: CertificateAuthority = None,
    timeout: Timeout = TIMEOUT,
    quiet: Quiet = False,
) -> None:
    """Instrument the pods in manifests, as the webhook would.

    The manifests go to stdout, a report to stderr. Running this opts pods in, unless a label opts
    them out. What is not injected stays as it is written: comments, order, other documents.

    Nothing is asked of anybody, unless --inspect lets the images' registries tell what is in them.
    """
    from console import output, report
    from console.deciding import decide, read_input
    from console.manifests.documents import Patch

    asked = None
    if inspect:
        asked = registries(
            plain_http, insecure, certificate_authority, platforms, timeout, layers=layers
        )
    names = given_files(files)
    given = Input(names, recursive, namespace, image_configs, settings, asked)
    manifests = read_input(given)
    answers = decide(given, manifests)
    patches: dict[int, list[Patch]] = {}
    for answer in answers:
        patch = Patch(answer.template.pointer, answer.outcome.operations)
        patches.setdefault(id(answer.document), []).append(patch)
    output.write(output.manifests(manifests, patches))
    if not quiet:
        report.injected(answers)
