"""A migration only adds: the writer of migrations and the wall refuse the rest."""

from __future__ import annotations

import pytest
from tortoise import fields
from tortoise.models import Model

from hub.store.draft import DIALECTS, NotExpandOnly, draft, next_name, read_tables
from hub.store.migrations import FOLDER, Dialect, Migration, migrations
from hub.store.models_sql import models_sql

FIRST = Migration("0001_first", """\
CREATE TABLE IF NOT EXISTS "cart" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "shop" VARCHAR(64) NOT NULL,
    "note" TEXT,
    CONSTRAINT "uid_cart" UNIQUE ("shop", "note")
);
CREATE INDEX IF NOT EXISTS "idx_cart_shop" ON "cart" ("shop");
""")  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_model_has_its_migration(dialect: Dialect) -> None:
    missing = draft(await models_sql(dialect), migrations(dialect))
    assert not missing, f"the models changed: run `hub dev migration NAME`. Missing:\n{missing}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_migration_only_adds(dialect: Dialect) -> None:
    assert len(read_tables(migrations(dialect)).columns) >= 27


def test_every_migration_is_there_for_both_databases_and_numbered_in_order() -> None:
    names = [step.name for step in migrations("sqlite")]
    assert names == [step.name for step in migrations("postgres")]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    known = {f"{name}.{dialect}.sql" for name in names for dialect in DIALECTS}
    assert {file.name for file in FOLDER.glob("*.sql")} == known


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ('DROP TABLE "cart";', "only adds"),
        ('ALTER TABLE "cart" DROP COLUMN "note";', "only adds"),
        ('ALTER TABLE "cart" RENAME COLUMN "note" TO "text";', "only adds"),
        ('ALTER TABLE "cart" ALTER COLUMN "note" SET NOT NULL;', "only adds"),
        ('ALTER TABLE "cart" ADD CONSTRAINT "uid_note" UNIQUE ("note");', "only adds"),
        ('CREATE UNIQUE INDEX "uid_note" ON "cart" ("note");', "only adds"),
        ('DELETE FROM "cart";', "only adds"),
        ('TRUNCATE "cart";', "only adds"),
        ('DROP INDEX "idx_cart_shop";', "only adds"),
        ('ALTER TABLE "cart" ADD COLUMN "n" INT NOT NULL;', "db_default"),
        ('ALTER TABLE "cart" ADD COLUMN "n" INT UNIQUE;', "UNIQUE"),
        ('ALTER TABLE "cart" ADD COLUMN "n" INT REFERENCES "shop" ("id");', "REFERENCES"),
        ('ALTER TABLE "cart" ADD COLUMN "n" INT CHECK (n > 0);', "CHECK"),
    ],
)
def test_a_migration_that_takes_away_is_refused(statement: str, reason: str) -> None:
    with pytest.raises(NotExpandOnly, match=reason):
        read_tables([FIRST, Migration("0002_bad", statement)])


def test_what_adds_is_taken() -> None:
    tables = read_tables([FIRST, Migration("0002_good", """\
-- Why it is needed; with a semicolon.
ALTER TABLE "cart" ADD COLUMN "n" INT NOT NULL DEFAULT 0;
ALTER TABLE "cart" ADD COLUMN "m" TEXT;
CREATE INDEX IF NOT EXISTS "idx_cart_n" ON "cart" ("n");
UPDATE "cart" SET n = 1 WHERE note = 'a; b';
""")])  # fmt: skip
    assert tables.columns["cart"]["n"] == "INT NOT NULL DEFAULT 0"
    assert "idx_cart_n" in tables.indexes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('    "note" TEXT,\n', "", "cart.note is gone"),
        ('"note" TEXT', '"note" TEXT NOT NULL', "cart.note changed"),
        ("VARCHAR(64)", "VARCHAR(32)", "cart.shop changed"),
        ('UNIQUE ("shop", "note")', 'UNIQUE ("shop")', "Use a new table"),
        ('ON "cart" ("shop")', 'ON "cart" ("note")', "idx_cart_shop"),
        ('"cart" (\n', '"basket" (\n', "the table cart is gone"),
        ('"note" TEXT', '"note" TEXT,\n    "n" INT NOT NULL', "db_default"),
    ],
)
def test_models_that_take_away_get_no_migration(old: str, new: str, reason: str) -> None:
    assert old in FIRST.sql
    with pytest.raises(NotExpandOnly, match=reason):
        draft(FIRST.sql.replace(old, new), [FIRST])


def test_a_draft_holds_what_is_new_and_then_nothing() -> None:
    models = FIRST.sql.replace('"note" TEXT', '"note" TEXT,\n    "n" INT NOT NULL DEFAULT 3') + (
        'CREATE TABLE IF NOT EXISTS "till" (\n    "id" INT NOT NULL PRIMARY KEY\n);\n'
        'CREATE INDEX IF NOT EXISTS "idx_cart_n" ON "cart" ("n");\n'
    )
    sql = draft(models, [FIRST])
    assert sql.splitlines() == [
        'ALTER TABLE "cart" ADD COLUMN "n" INT NOT NULL DEFAULT 3;',
        'CREATE TABLE IF NOT EXISTS "till" (', '    "id" INT NOT NULL PRIMARY KEY', ");",
        'CREATE INDEX IF NOT EXISTS "idx_cart_n" ON "cart" ("n");',
    ]  # fmt: skip
    assert draft(models, [FIRST, Migration("0002_n", sql)]) == ""
    assert draft(FIRST.sql, [FIRST]) == ""


class Shelf(Model):
    id = fields.IntField(primary_key=True)
    colour = fields.CharField(max_length=20, db_default="red")
    room = fields.IntField(null=True, db_index=True)

    class Meta:
        table = "shelf"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_defaults_of_a_model_reach_the_database(dialect: Dialect) -> None:
    sql = await models_sql(dialect, __name__)
    columns = read_tables([Migration("models", sql)]).columns["shelf"]
    assert columns["colour"] == "VARCHAR(20) NOT NULL DEFAULT 'red'"
    assert columns["room"] == "INT"


def test_names_follow_each_other() -> None:
    assert next_name([FIRST], "Keep, Carts!") == "0002_keep_carts"
    with pytest.raises(ValueError, match="needs a name"):
        next_name([FIRST], "!")


def test_an_unfinished_statement_is_said() -> None:
    with pytest.raises(ValueError, match=r"0001_x: .* semicolon"):
        Migration("0001_x", "CREATE TABLE a (b INT)").statements
