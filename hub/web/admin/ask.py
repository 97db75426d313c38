"""One request of the admin pages, as a screen sees it, and the table line that leads to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.core import Hub
from hub.flows.staff import StaffRow
from hub.web.below import own_path

# open: nobody need be signed in. Otherwise the least role that may use the line.
Policy = Literal["open", "viewer", "editor", "owner"]
HOME = "/admin"


class NotFound(Exception):
    """There is no such thing."""


class Forbidden(Exception):
    """Not from here, or not with this role; the message says which."""


class Ask:
    """Request, form, who asks, and ways to answer."""

    def __init__(  # noqa: PLR0917
        self,
        hub: Hub,
        environment: Environment,
        request: Request,
        staff: StaffRow | None,
        form: FormData,
        csrf: str,
    ) -> None:
        self.hub = hub
        self.request = request
        self.form = form
        self.csrf = csrf
        self._staff = staff
        self._environment = environment

    @property
    def staff(self) -> StaffRow:
        """Who asks; only where the line's policy is not open."""
        if self._staff is None:
            raise Forbidden("sign in first")
        return self._staff

    @property
    def htmx(self) -> bool:
        """Whether only a part of the page was asked for."""
        return self.request.headers.get("hx-request") == "true"

    def said(self, name: str, default: str = "") -> str:
        """A form field as text."""
        value = self.form.get(name, default)
        return value if isinstance(value, str) else default

    def query(self, name: str, default: str = "") -> str:
        """A query parameter, cut to a sane length."""
        return self.request.query_params.get(name, default)[:200]

    def path(self, name: str) -> Any:
        return self.request.path_params[name]

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A template with what every page needs beside `values`."""
        shared: dict[str, Any] = {
            "staff": self._staff,
            "csrf": self.csrf,
            "workspace": self.hub.workspace,
            "lang": self.language,
            "section": template.partition("/")[0],
            "path": own_path(self.request),
            "done": self.query("done"),
            "attention": self.hub.attention,
            "stuck": self.hub.views.stuck,
        }
        html = self._environment.get_template(template).render({**shared, **values})
        return HTMLResponse(html, status)

    @property
    def language(self) -> str:
        from hub.web.admin import words

        return words.language()

    @staticmethod
    def go(path: str, done: str = "") -> Response:
        """Go on to another admin page; `done` names the note shown there."""
        mark = "&" if "?" in path else "?"
        return RedirectResponse(f"{HOME}{path}" + (f"{mark}done={done}" if done else ""), 303)


Handler = Callable[[Ask], Awaitable[Response]]


class Line(msgspec.Struct, frozen=True):
    """One route: what it answers to and who may use it."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    policy: Policy = "viewer"
