CREATE TABLE IF NOT EXISTS "field_rule" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "source_id" INT NOT NULL,
    "scope" VARCHAR(8) NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "path" VARCHAR(200) NOT NULL,
    "action" VARCHAR(8) NOT NULL,
    "author" VARCHAR(320) NOT NULL,
    "at" BIGINT NOT NULL,
    CONSTRAINT "uid_field_rule_source__6fd89d" UNIQUE ("source_id", "scope", "name", "path")
);
