"""`hub dev migration`: write the next step from the models."""

from __future__ import annotations

import asyncio

import click

from hub.store.draft import DIALECTS, NotExpandOnly, draft, next_name
from hub.store.migrations import FOLDER, migrations
from hub.store.models_sql import models_sql


@click.command("migration")
@click.argument("name")
def migration_command(name: str) -> None:
    """Write the next migration from the models.

    It only adds: tables, indexes, columns that may be empty or have a db_default. Add UPDATE or
    INSERT statements by hand to both files where rows must be filled.
    """
    try:
        parts = {
            dialect: draft(asyncio.run(models_sql(dialect)), migrations(dialect))
            for dialect in DIALECTS
        }
        target = next_name(migrations("sqlite"), name)
    except (NotExpandOnly, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if not any(parts.values()):
        click.echo("The models and the migrations agree: nothing to write.")
        return
    for dialect, sql in parts.items():
        file = FOLDER / f"{target}.{dialect}.sql"
        file.write_text(sql, encoding="utf-8")
        click.echo(f"Wrote {file}")
