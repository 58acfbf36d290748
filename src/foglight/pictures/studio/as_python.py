"""What a session does, as a script."""

from foglight.pictures.studio.session import Session


def python_of(session: Session) -> str:
    """Statements that give the run of the page."""
    given, settings = session.given, session.settings
    before, now = given.model.parameters, settings.model.parameters
    changed = {name: value for name, value in now.items() if value != before[name]}
    log = "log = fog.Log.read(…)  # the log that was dropped" if session.log_name else given.log_code
    lines = ["import foglight as fog", "", given.model_code, log]
    if changed:
        values = "".join(f"    {name!r}: {value!r},\n" for name, value in changed.items())
        lines.append(f"model = model.with_parameters({{\n{values}}})")
    lines += [
        f"# Without the readings of {sensor} from row {first} on, as the studio showed it."
        for sensor, first in settings.missing.items()
    ]
    lines += [f"run = fog.run(model, log, fog.{settings.method!r})", "print(run)"]
    return "\n".join(lines) + "\n"
