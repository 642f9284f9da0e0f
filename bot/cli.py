"""The command line. Heavy imports wait inside the commands, so that `--help` is quick."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Optional

import typer
from rich.console import Console

from bot.allocator import give_back
from bot.cli_keeping import backup_restore, backup_write, keys_app, research_app, retention_app, settings_write
from bot.errors import ReframeError
from bot.preparing import prepared as _prepared
from bot.settings import ROOT, read_settings
from bot.starting import require_safe

if TYPE_CHECKING:
    from bot.channels.messaging import Channel
    from bot.settings import Settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Reframe: a chatbot that answers “I failed therapy” with compassion."
)
content_app = typer.Typer(no_args_is_help=True, help="Look after what the bot says.")
safety_app = typer.Typer(no_args_is_help=True, help="Look after the screening for risk.")
resources_app = typer.Typer(no_args_is_help=True, help="Look after the directory of help.")
data_app = typer.Typer(no_args_is_help=True, help="Look after the training data.")
channel_app = typer.Typer(no_args_is_help=True, help="Look after the messaging apps.")
bench_app = typer.Typer(invoke_without_command=True, help="Measure speed, memory and steadiness beside a bot of stock Rasa parts.")
console_app = typer.Typer(no_args_is_help=True, help="The supervisors' console: a process of its own.")
audit_app = typer.Typer(no_args_is_help=True, help="Look after the console's audit.")
privacy_app = typer.Typer(no_args_is_help=True, help="Look after the redaction of personal data.")
app.add_typer(content_app, name="content")
app.add_typer(data_app, name="data")
app.add_typer(safety_app, name="safety")
app.add_typer(resources_app, name="resources")
app.command("settings")(settings_write)
app.command("backup")(backup_write)
app.command("restore")(backup_restore)
app.add_typer(keys_app, name="keys")
app.add_typer(retention_app, name="retention")
app.add_typer(research_app, name="research")
app.add_typer(channel_app, name="channel")
app.add_typer(bench_app, name="bench")
app.add_typer(console_app, name="console")
app.add_typer(audit_app, name="audit")
app.add_typer(privacy_app, name="privacy")
told = Console(stderr=True, highlight=False)


def main() -> None:
    """The entry point: a foreseen error is one sentence and exit status 2, never a traceback."""
    try:
        app()
    except ReframeError as error:
        told.print(str(error), style="red", markup=False)
        sys.exit(2)


@app.command()
def serve() -> None:
    """Start the server with the chat page. Address and port come from the settings."""
    settings = _prepared()
    require_safe(settings)
    from bot.channels.starting import Starting
    from bot.metrics.serving import serve_metrics

    starting = Starting(settings.reframe_host, settings.reframe_port)
    serve_metrics(settings.reframe_metrics_host, settings.reframe_metrics_port)
    told.print("Loading the model; this takes some seconds …")
    give_back()
    from bot.channels.web import web_app
    from bot.channels.webhooks import webhooks
    from bot.desk.housekeeping import daily, heeding
    from bot.wiring import build_channels, build_desk, build_reception, build_retention, measure_depths, site_of

    channels = build_channels(settings)
    desk = build_desk(settings)
    web = web_app(desk, site_of(settings))
    reception = build_reception(settings, desk, channels) if channels else None
    if reception:
        web.blueprint(webhooks(reception, channels, settings.reframe_public_url))
    measure_depths(desk, reception)
    retention = build_retention(settings, desk.store.database)

    @web.after_server_start
    async def keep_house(app: Any, _: object) -> None:
        app.add_task(daily(retention.run, lambda: desk.turns.lead("retention")))
        app.add_task(heeding(desk))

    address = f"http://{settings.reframe_host}:{settings.reframe_port}"
    web.after_server_start(lambda *_: print(f"Reframe is ready at {address}  (Ctrl-C stops it)", flush=True))
    web.run(sock=starting.over(), motd=False, access_log=False, debug=False)


@app.command()
def train() -> None:
    """Train the model from data/, config.yml and domain.yml into models/."""
    settings = _prepared()
    told.print("Training; with a cold cache this takes a minute or two …")
    from bot.agent.training import train_model

    told.print(f"Trained {train_model(ROOT, settings.reframe_models)}")


@app.command()
def chat(conversation: Optional[str] = typer.Option(None, help="Go on with this conversation instead of starting one.")) -> None:
    """Talk to the bot in the terminal. Fed by a pipe, it prints one reply a line."""
    settings = _prepared()
    if sys.stdin.isatty():
        told.print("Loading the model; this takes some seconds …")
    from bot.channels.terminal import converse
    from bot.wiring import build_desk

    asyncio.run(converse(build_desk(settings), conversation))


@app.command()
def assess(source: str = typer.Argument("-", metavar="[FILE|-]", help="JSON Lines with id and text; - is standard input.")) -> None:
    """Assess messages: tier of risk, belief and ranking, one JSON object a line. Bad lines are named and passed over; then the status is 1."""
    settings = _prepared()
    good, wrong = read_lines(source)
    from bot.agent.assessing import Assessor
    from bot.agent.rasa import latest_model

    assessor = Assessor(latest_model(settings.reframe_models))
    for row, finding in zip(good, assessor.assess([row["text"] for row in good])):
        print(json.dumps({"id": row["id"], **asdict(finding)}, ensure_ascii=True))
    for problem in wrong:
        told.print(problem, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


@app.command()
def evaluate(
    files: list[Path] = typer.Argument(..., help="Labelled JSON Lines: id, text, and beliefs or label, and tier."),
    into: Path = typer.Option(ROOT / "var" / "evaluation", help="The folder for evaluation.json, .md and .png."),
) -> None:
    """Measure the recogniser on labelled messages: beliefs, confidence, risk. Lines that are not usable are named and left out; then the status is 1."""
    settings = _prepared()
    from bot.agent.assessing import Assessor
    from bot.agent.evaluating import Case, labelled
    from bot.agent.evaluating import evaluate as evaluated
    from bot.agent.evaluation_page import write
    from bot.agent.rasa import latest_model

    read = [read_lines(str(file)) for file in files]
    rows, wrong = [row for good, _ in read for row in good], [f"{file}: {line}" for file, (_, bad) in zip(files, read) for line in bad]
    found = Assessor(latest_model(settings.reframe_models)).assess([row["text"] for row in rows])
    cases = [Case(*labelled(row), finding) for row, finding in zip(rows, found)]
    print(write(evaluated(cases), into, "evaluation", "Evaluation", f"On {', '.join(file.name for file in files)}."))
    for line in wrong:
        told.print(line, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


@app.command()
def learn(corrections: Path = typer.Argument(..., help="JSON Lines as described in docs/corrections.md.")) -> None:
    """Propose a patch to data/ from supervisors' corrections. Changes nothing; what is left out is named with its reason, and then the status is 1."""
    _prepared()
    from bot.agent.corrections import propose

    rows, wrong = read_lines(str(corrections))
    proposal = propose(rows, ROOT)
    print(proposal.patch, end="")
    for problem in [*wrong, *proposal.refused]:
        told.print(problem, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1 if wrong or proposal.refused else 0)


@data_app.command("cross-validate")
def data_cross_validate() -> None:
    """Judge each writing style of our examples by those of the other styles, and write the model card of the recogniser into docs/; some minutes."""
    _prepared()
    from bot.agent.crossing import write_card

    print(write_card(ROOT))


@content_app.command("check")
def content_check(folder: Optional[Path] = typer.Option(None, help="Another catalogue than the shipped one.")) -> None:
    """Check schema, cross-references and voice of everything the bot says, crisis wording included; all problems at once, with file and line."""
    from bot.reframing.checking import check
    from bot.reframing.loading import CONTENT
    from bot.safety import checking as crisis

    problems = [*check(folder or CONTENT), *crisis.check()]
    for problem in problems:
        print(problem)
    told.print(f"{len(problems)} problem(s)." if problems else "The content is in order.")
    raise typer.Exit(1 if problems else 0)


@content_app.command("coverage")
def content_coverage() -> None:
    """Show for each idea of the documents how many lines carry it; status 1 when one is without."""
    from bot.reframing.checking import coverage
    from bot.reframing.loading import load

    counts = coverage(load())
    for idea, count in counts.items():
        print(f"{idea:4} {count:4}")
    raise typer.Exit(0 if all(counts.values()) else 1)


@data_app.command("duplicates")
def data_duplicates(folder: Path = typer.Option(ROOT / "data" / "nlu", help="The training examples.")) -> None:
    """Find duplicates and near-duplicates among the training examples, within and across intents; status 1 when there are any."""
    from bot.reframing.duplicates import near_duplicates

    found = near_duplicates(folder)
    for pair in found:
        print(pair)
    told.print(f"{len(found)} near-duplicate(s).")
    raise typer.Exit(1 if found else 0)


@safety_app.command("train")
def safety_train() -> None:
    """Tune the encoder and fit the scorer anew from data/safety and data/nlu; ten to twenty minutes. `reframe safety card` then measures it."""
    _prepared()
    told.print("Tuning; this takes ten to twenty minutes on two cores …")
    from bot.agent.tuning import examples, tune

    tune(examples(ROOT))
    safety_fit()


@safety_app.command("fit")
def safety_fit() -> None:
    """Fit the scorer anew on the vectors of the encoder as it is tuned now; about a minute."""
    _prepared()
    from bot.agent.fitting import fit

    scorer = fit(ROOT)
    print(f"version {scorer.version}: asked about from {scorer.check_in:.3f}, present danger from {scorer.urgent:.3f}")


@safety_app.command("card")
def safety_card() -> None:
    """Measure the screening on our own held-out messages and write the model card with its plot into docs/."""
    _prepared()
    from bot.agent.model_card import write

    print(write(ROOT))


@safety_app.command("referrals")
def safety_referrals() -> None:
    """Print how many answers named a crisis service, by calendar year (UTC), as CSV. It holds no identifiers and outlives every conversation."""
    from bot.wiring import build_store

    print("year,referrals")
    for year, count in build_store(_prepared()).referrals().items():
        print(f"{year},{count}")


@safety_app.command("complaints")
def safety_complaints() -> None:
    """Print what people found wrong with an answer, oldest first, as JSON Lines with the time and the conversation. It holds what people wrote."""
    from bot.wiring import build_store

    for at, conversation, text in build_store(_prepared()).complaints():
        print(json.dumps({"at": at.isoformat(), "conversation": conversation, "text": text}, ensure_ascii=False))


@safety_app.command("protocol")
def safety_protocol() -> None:
    """Print the public safety protocol, made from the files that the program itself uses (Markdown)."""
    from bot.safety.protocol import protocol

    print(protocol())


@privacy_app.command("measure")
def privacy_measure() -> None:
    """Measure redaction on our own labelled messages, by kind, and write the figures into docs/privacy-redaction.md; a minute."""
    _prepared()
    from bot.privacy.measuring import speed, write

    print(write(ROOT))
    told.print(f"{speed(ROOT):.0f} messages a second.")


@privacy_app.command("redact")
def privacy_redact(source: str = typer.Argument("-", metavar="[FILE|-]", help="JSON Lines with id and text; - is standard input.")) -> None:
    """Replace personal data by placeholders in each text and pass the lines on, for example to `reframe learn -`. It misses some: read the result."""
    _prepared()
    good, wrong = read_lines(source)
    from bot.privacy.redaction import redact

    for row in good:
        print(json.dumps({**row, "text": redact(row["text"]).text}, ensure_ascii=False))
    for problem in wrong:
        told.print(problem, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


@resources_app.command("list")
def resources_list(country: Optional[str] = typer.Option(None, help="Only this country (ISO 3166); INT is the international directory.")) -> None:
    """List the services and the emergency numbers, one a line."""
    from bot.safety.directory import load

    directory = load()
    shown = [s for s in directory.services if country is None or s.country == country.upper()]
    for service in shown:
        print(f"{service.country}  {service.shown()}  [{'checked on ' + str(service.verified_on) if service.verified_on else 'not checked by a person'}]")
    for code, emergency in sorted(directory.emergencies.items()):
        if country is None or code == country.upper():
            print(
                f"{code}  in danger: {emergency.number}  [{'checked on ' + str(emergency.verified_on) if emergency.verified_on else 'not checked by a person'}]"
            )
    if not shown:
        told.print(f"There is no service for {country}; people there are given the international directory and “your local emergency number”.")


@resources_app.command("export")
def resources_export() -> None:
    """Print the directory as JSON, with links to call, to text and to chat: what the chat widget carries along."""
    from bot.safety.directory import load
    from bot.safety.exporting import exported

    print(json.dumps(exported(load()), ensure_ascii=False, indent=1))


@resources_app.command("check")
def resources_check() -> None:
    """Report what is stale, incomplete or contradictory, and what the served countries lack; then the status is 1. What awaits a person's check is counted."""
    from datetime import datetime, timezone

    from bot.safety.directory import load

    directory, served = load(), tuple(c.strip() for c in read_settings().reframe_served.split(",") if c.strip())
    problems = directory.check(datetime.now(timezone.utc).date(), served)
    for problem in problems:
        print(problem)
    told.print(f"{len(directory.pending())} entries await a person's check; {len(problems)} problem(s); served: {', '.join(served) or 'none'}.")
    raise typer.Exit(1 if problems else 0)


@channel_app.command("check")
def channel_check(name: str = typer.Argument(..., help="The messaging app, such as telegram.")) -> None:
    """Try a configured messaging app, and say in words what is wrong: token, address, secret, what could not be delivered. Then the status is 1."""
    settings = _prepared()
    problems = asyncio.run(_channel(settings, name).check(settings.reframe_public_url))
    for problem in problems:
        print(problem)
    told.print(f"{len(problems)} problem(s)." if problems else f"The channel {name} works.")
    raise typer.Exit(1 if problems else 0)


@channel_app.command("connect")
def channel_connect(name: str = typer.Argument(..., help="The messaging app; only telegram is told its address by a command.")) -> None:
    """Tell a messaging app which address to call, with which secret and of what. What waits there is kept."""
    settings = _prepared()
    from bot.channels.telegram import Telegram

    channel = _channel(settings, name)
    if not isinstance(channel, Telegram):
        raise ReframeError(f"The address of {name} is set on its own pages. docs/channels/{name}.md says where.")
    print(f"Telegram calls {asyncio.run(channel.connect(settings.reframe_public_url))} from now on.")


@channel_app.command("dead-letters")
def channel_dead_letters() -> None:
    """Print the messages that could not be delivered, oldest first, as JSON Lines: id, channel, problem and time, and nothing that was written."""
    settings = _prepared()
    from bot.store.outbox import Outbox
    from bot.wiring import build_store

    for _, channel, message, problem in Outbox(build_store(settings).database).dead_letters():
        print(json.dumps({"id": message.number, "channel": channel, "problem": problem, "at": message.at.isoformat()}, ensure_ascii=False))


def _channel(settings: Settings, name: str) -> Channel:
    from bot.wiring import build_channels

    channel = next((channel for channel in build_channels(settings) if channel.name == name), None)
    if channel is None:
        raise ReframeError(f"No messaging app called {name} is configured. The pages in docs/channels/ say what each one needs.")
    return channel


@bench_app.callback()
def bench(  # noqa: PLR0913, PLR0917  # each is an option of the command line
    context: typer.Context,
    only: list[str] = typer.Option([], metavar="NAME", help="Only this scenario; may be given several times. What others found before stays."),
    quick: bool = typer.Option(False, "--quick", help="Small sizes, to see that everything works; the figures mean nothing and are kept apart."),
    alone: bool = typer.Option(False, "--alone", help="Without the reference, whose training takes long."),
    publish: bool = typer.Option(False, "--publish", help="Make docs/performance.md from all that was found at full size."),
    profile: bool = typer.Option(False, "--profile", help="Instead of measuring show where the time of a turn goes."),
) -> None:
    """Measure this product and a reference of stock parts in turn, on a machine that does nothing else. Writes into var/bench/."""
    if context.invoked_subcommand:
        return
    _prepared()
    from bot.bench import profiling, running

    if profile:
        print(profiling.profile(running.FOLDER, profiling.TURNS[running.extent_of(quick)]))
        return
    print(running.measure(only, running.extent_of(quick), compared=not alone))
    if publish:
        running.publish()


@bench_app.command("chaos")
def bench_chaos(quick: bool = typer.Option(False, "--quick", help="A small storm.")) -> None:
    """Load with faults: actions fail, the database is locked, the process is killed; status 1 when anything was lost, doubled or out of order."""
    _prepared()
    from bot.bench.chaos.running import unleash

    report = unleash(quick)
    print(report.markdown())
    raise typer.Exit(1 if report.violations else 0)


@bench_app.command("capacity")
def bench_capacity(  # noqa: PLR0913, PLR0917  # each is an option of the command line
    turns: float = typer.Option(12, min=1, help="Messages that a person writes in a conversation."),
    minutes: float = typer.Option(20, min=1, help="For how many minutes it is open."),
    peak: float = typer.Option(5, min=1, help="How many times the mean of the day comes in the busiest minutes."),
    used: float = typer.Option(0.5, min=0.05, max=1, help="The share of what a worker can do that is planned with."),
    days: float = typer.Option(30, min=1, help="For how many days texts are kept."),
    spare: int = typer.Option(1, min=0, help="How many workers may be away at once."),
    publish: bool = typer.Option(False, "--publish", help="Write docs/capacity.md instead of printing."),
) -> None:
    """Compute what one worker carries and what 10,000 and a million conversations a day need, from what `reframe bench` measured."""
    _prepared()
    from bot.bench import running
    from bot.bench.capacity import Assumed

    page = running.capacity(Assumed(turns, minutes, peak, used, days, spare))
    if publish:
        running.CAPACITY.write_text(page, encoding="utf-8")
        told.print(f"Written to {running.CAPACITY.relative_to(ROOT)}.")
    else:
        print(page)


@console_app.command("serve")
def console_serve() -> None:
    """Start the console. Address and port come from the settings."""
    settings = _prepared()
    require_safe(settings)
    import uvicorn

    from bot.console.app import console
    from bot.console_wiring import build_parts, measure_queue
    from bot.metrics.serving import serve_metrics

    parts = build_parts(settings)
    measure_queue(parts)
    serve_metrics(settings.reframe_metrics_host, settings.reframe_console_metrics_port)
    host, port = settings.reframe_console_host, settings.reframe_console_port
    print(f"The console is at http://{host}:{port}  (Ctrl-C stops it)", flush=True)
    # Streams of events end with their browsers; a stop does not wait for them.
    quiet: dict[str, Any] = {"log_level": "warning", "log_config": None, "access_log": False, "server_header": False}
    uvicorn.run(console(parts), host=host, port=port, ws="none", timeout_graceful_shutdown=1, **quiet)


@console_app.command("add-user")
def console_add_user(
    name: str = typer.Argument(..., help="What they sign in with."),
    role: str = typer.Option(..., help="supporter, supervisor, auditor or administrator."),
    shown: Optional[str] = typer.Option(None, help="What the person in a conversation is told; the name by default."),
    subject: Optional[str] = typer.Option(None, help="Their name or e-mail address at the identity provider."),
    ask: bool = typer.Option(False, "--ask", help="Ask for a password instead of printing a one-time one."),
) -> None:
    """Add an account; the first one is made this way. Its password has to be changed at first use, and one-time codes are set up then."""
    settings = _prepared()
    from bot.console import passwords
    from bot.console_wiring import build_database
    from bot.store.accounts import ROLES, Accounts
    from bot.store.audit import Audit, Deed

    found = next((known for known in ROLES if known == role), None)
    if found is None:
        raise ReframeError(f"{role} is no role. Choose one of {', '.join(ROLES)}.")
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else passwords.one_time()
    units = Audit(build_database(settings)).of(Deed("command line", "account.add", name, detail={"role": role}))
    Accounts(units).add(name, found, shown or name, passwords.hashed(password, name), subject)
    print(f"{name} may sign in as {role}." + ("" if ask else f" The one-time password is: {password}"))


@console_app.command("bench")
def console_bench(
    conversations: int = typer.Option(200, help="Open conversations."),
    supporters: int = typer.Option(20, help="Supporters who work at once."),
    seconds: float = typer.Option(60, help="For how long."),
) -> None:
    """Measure how long pages take with many conversations and supporters, in a console and a database of its own that are thrown away."""
    _prepared()
    from bot.console.bench import measure

    told.print("Preparing; this takes some seconds …")
    print(measure(conversations, supporters, seconds).told())


@audit_app.command("verify")
def audit_verify() -> None:
    """Check that no entry of the audit was changed, removed or moved; status 1 when one was. Keep the last hash elsewhere and compare it next time."""
    from bot.console_wiring import build_database
    from bot.store.audit import Audit

    problems, count, end = Audit(build_database(_prepared())).verify()
    for problem in problems:
        print(problem)
    print(f"{count} entries, {len(problems)} problem(s); the last hash is {end}")
    raise typer.Exit(1 if problems else 0)


def read_lines(source: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The usable rows of a JSON Lines file, and one sentence for each line that is not. Raises ReframeError when it cannot be opened."""
    good, wrong = [], []
    for number, line in enumerate(_lines(source), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            wrong.append(f"line {number}: not JSON ({error})")
            continue
        if isinstance(row, dict) and isinstance(row.get("text"), str) and isinstance(row.get("id"), (str, int)):
            good.append(row)
        else:
            wrong.append(f"line {number}: an object with `id` and a string `text` is needed")
    return good, wrong


def _lines(source: str) -> Iterator[str]:
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise ReframeError(f"{source} cannot be read: {error.strerror}.") from None
    yield from raw.decode("utf-8", "replace").split("\n")
