CREATE TABLE IF NOT EXISTS "api_token" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(80) NOT NULL,
    "start" VARCHAR(12) NOT NULL,
    "hash" VARCHAR(64) NOT NULL UNIQUE,
    "scopes" VARCHAR(200) NOT NULL,
    "created_at" BIGINT NOT NULL,
    "created_by" VARCHAR(320) NOT NULL,
    "expires_at" BIGINT NOT NULL,
    "used_at" BIGINT NOT NULL
);
