CREATE TABLE IF NOT EXISTS "seen_kind" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "source_id" INT NOT NULL,
    "scope" VARCHAR(8) NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "n" BIGINT NOT NULL,
    "first_seen" BIGINT NOT NULL,
    "last_seen" BIGINT NOT NULL,
    "data" JSON NOT NULL,
    CONSTRAINT "uid_seen_kind_source__2c15bd" UNIQUE ("source_id", "scope", "name")
);
