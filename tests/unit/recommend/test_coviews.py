"""Also viewed and popular: learned from sessions, bounded whatever a page sends."""

from __future__ import annotations

from hub.recommend.coviews import HALF_LIFE_MS, SESSION_MS, CoViews

NOW = 1_795_435_200_000


def anything(product: str) -> bool:
    return True


def taught(*sessions: str) -> CoViews:
    model = CoViews()
    for node, session in enumerate(sessions):
        model.observe([(node, "linen", p, NOW + i) for i, p in enumerate(session)])
    return model


def test_what_is_seen_together_belongs_together() -> None:
    model = taught("ab", "ab", "ac")
    assert model.also_viewed("linen", "a", anything) == ["b", "c"]
    assert model.also_viewed("linen", "b", anything) == ["a"]
    assert model.also_viewed("linen", "unknown", anything) == []
    assert model.also_viewed("other", "a", anything) == []


def test_neighbours_are_closer_than_those_behind_them() -> None:
    assert taught("abc").also_viewed("linen", "a", anything) == ["b", "c"]


def test_a_best_seller_is_not_everybodys_neighbour() -> None:
    # z is in every session; b only in those of a
    others = [f"{chr(200 + n)}z" for n in range(200)]
    model = taught(*["abz"] * 3, *others)
    assert model.also_viewed("linen", "a", anything)[0] == "b"


def test_another_session_is_another_matter() -> None:
    model = CoViews()
    model.observe([(1, "linen", "a", NOW), (1, "linen", "b", NOW + SESSION_MS + 1)])
    model.observe([(2, "linen", "c", NOW), (3, "linen", "d", NOW)])
    assert model.also_viewed("linen", "a", anything) == []
    assert model.also_viewed("linen", "c", anything) == []


def test_only_what_may_be_shown() -> None:
    model = taught("ab", "ac")
    assert model.also_viewed("linen", "a", lambda p: p != "b") == ["c"]
    assert "b" not in model.popular("linen", lambda p: p != "b", NOW)


def test_popular_is_what_is_looked_at_lately() -> None:
    model = CoViews()
    old = NOW - 4 * HALF_LIFE_MS
    model.observe([(n, "linen", "old", old) for n in range(5)])
    model.observe([(n, "linen", "new", NOW) for n in range(50, 52)])
    assert model.popular("linen", anything, NOW) == ["new", "old"]
    assert model.popular("other", anything, NOW) == []


def test_a_page_that_makes_up_products_does_not_fill_the_memory() -> None:
    model = CoViews()
    model.observe([(1, "linen", "real", NOW)])
    for n in range(60_000):
        model.observe([(1, "linen", f"made-up-{n}", NOW)])
    model.observe([(2, "linen", "real", NOW)])
    assert len(model) <= 50_000
    assert "real" in model.popular("linen", anything, NOW)
