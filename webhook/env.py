"""The edits of one container's variables: those that load the agent, and those all agents share.

Where a Secret, or a ConfigMap that is not read, could hold a variable that must be merged:

    setting envFromUnknown     Java, Node.js, .NET              Python
    -------------------------  -------------------------------  --------------------------------
    inject-with-warning        a new entry, and a warning: it   a new entry with $(PYTHONPATH) in
                               overrides what may be there      it, which is right if it is there
    skip                       Skip(EnvFromUnknown)             and a directory that does not
                                                                exist if it is not
"""

from webhook import shared, versions
from webhook.candidate import Candidate
from webhook.environment import Environment
from webhook.evidence import absence_of
from webhook.identity import FIELDS
from webhook.language import Merge, Variable
from webhook.merge import Addition, Entry, EnvPlan, RefusalError, of_image, require_free
from webhook.model import Skip
from webhook.reasons import Reason
from webhook.shared import Wanted


def plan(candidate: Candidate, wanted: Wanted) -> EnvPlan | Skip:
    """The edits that give a candidate's container its agent, or why that cannot be."""
    result = EnvPlan()
    env, language = candidate.environment, candidate.language
    try:
        for variable in language.variables:
            _language_variable(result, candidate, variable)
        shared.add(result, env, language, wanted, candidate.question.settings)
        _downward(result, env)
    except RefusalError as refusal:
        return refusal.skip
    _note_unread(result, candidate)
    _note_image(result, candidate)
    return result


def _language_variable(result: EnvPlan, candidate: Candidate, variable: Variable) -> None:
    env, text = candidate.environment, variable.addition(candidate.libc)
    if variable.merge is Merge.KEEP:
        if not env.has(variable.name):
            result.add(variable.name, text)
        return
    if variable.merge is Merge.PREFIX:
        addition = Addition(variable.name, before=text, separator=variable.separator)
    else:
        addition = Addition(variable.name, behind=text, separator=variable.separator)
    unread = env.possible(variable.name)
    if unread and variable.text_is_harmless:
        inherited = of_image(variable.name, env.find(variable.name))
        parts = (f"$({variable.name})", inherited)
        result.add(variable.name, addition.to(variable.separator.join(filter(None, parts))))
        return
    if unread and candidate.question.settings.env_from_unknown == "skip":
        message = f"{unread} is not read and could hold {variable.name}"
        raise RefusalError(Reason.ENV_FROM_UNKNOWN, message)
    _check_length(candidate, variable, result.merge(env, addition))


def _check_length(candidate: Candidate, variable: Variable, value: str) -> None:
    if variable.longest is None or len(value) <= variable.longest:
        return
    version = versions.parse(candidate.version)
    if version is not None and not versions.is_older(version, variable.longest_until):
        return
    known = f"{candidate.language.title} {candidate.version or 'of unknown version'}"
    message = f"{variable.name} would have {len(value)} characters, for {known}"
    raise RefusalError(Reason.VARIABLE_TOO_LONG, message)


def _downward(result: EnvPlan, env: Environment) -> None:
    """Put our downward-API variables before whatever refers to them."""
    merged = "".join([m.value for m in result.merged])
    added = "".join([entry["value"] for entry in result.behind])
    before: list[Entry] = []
    for name, path in FIELDS.items():
        reference = f"$({name})"
        if reference not in merged and reference not in added:
            continue
        require_free(env, name)
        entry: Entry = {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
        (result.ahead if reference in merged else before).append(entry)
    result.behind[:0] = before


def _note_unread(result: EnvPlan, candidate: Candidate) -> None:
    """Say which unread source could hold a variable that ours would then override."""
    env = candidate.environment
    if not env.unread:
        return
    harmless = {v.name for v in candidate.language.variables if v.text_is_harmless}
    hidden: dict[str, list[str]] = {}
    for entry in result.behind:
        name: str = entry["name"]
        source = env.possible(name)
        if source and name not in harmless and not name.startswith("SPANHOOK_"):
            hidden.setdefault(source, []).append(name)
    for source, names in hidden.items():
        more = f" or another of {len(names)} variables" if len(names) > 1 else ""
        result.notes.append(
            f"{Reason.ENV_FROM_UNKNOWN}: {source} is not read; were {names[0]}{more} in it,"
            " ours would override it"
        )


def _note_image(result: EnvPlan, candidate: Candidate) -> None:
    """Say which variables of an image, asked for in vain, ours would then override."""
    question = candidate.question
    absence = absence_of(question.target.container, question.facts)
    if absence is None:
        return
    written = {entry["name"] for entry in result.behind}
    shared_too = any(name.startswith("OTEL_") for name in written)
    names = [v.name for v in candidate.language.variables if v.name in written]
    names = [name for name in names if not name.startswith("OTEL_")]
    names += ["an OTEL_ variable"] if shared_too else []
    if names:
        result.notes.append(
            f"{absence.reason}: the image's own environment is not known; were"
            f" {' or '.join(names)} in it, ours would override it"
        )
