CREATE TABLE IF NOT EXISTS "tee" (
    "source_id" INT NOT NULL PRIMARY KEY,
    "url" VARCHAR(500) NOT NULL,
    "secret" TEXT NOT NULL,
    "enabled" BOOL NOT NULL,
    "seq" BIGINT NOT NULL,
    "since" BIGINT NOT NULL,
    "error" TEXT NOT NULL,
    "next_at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "tee_count" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source_id" INT NOT NULL,
    "day" INT NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "outcome" VARCHAR(8) NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "n" BIGINT NOT NULL,
    CONSTRAINT "uid_tee_count_source__596ac1" UNIQUE ("source_id", "day", "name", "outcome", "reason")
);
