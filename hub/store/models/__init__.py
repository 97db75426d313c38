"""Every table of a workspace.

Times named `at`, `*_at`, `*_seen` in the hot tables are whole milliseconds since 1970 UTC. The
hot tables are read and written by plain SQL (see `database.py`), the configuration through the
ORM.
"""

from hub.store.models.configuration import (
    ConfigVersion,
    Connection,
    Draft,
    ImportRun,
    LoginAttempt,
    PluginState,
    Source,
    Staff,
    StaffSession,
    Workspace,
)
from hub.store.models.lease import LeaseRow
from hub.store.models.letters import DeadLetter
from hub.store.models.log import Dedupe, IntakeCount, LogEntry, Node
from hub.store.models.outputs import DecisionRow, Outbox, Refusal, UsedToken
from hub.store.models.plan import PlanFault, TrackingPlan
from hub.store.models.privacy import (
    Audit,
    Erasure,
    ErasureStep,
    JobRun,
    PluginPersonState,
    Suppression,
)
from hub.store.models.projections import (
    ConsentRow,
    Cursor,
    LinkRow,
    NodePerson,
    NodeState,
    OrderEvent,
    OrderLineRow,
    Person,
    ProductRow,
    ShopOrder,
)
from hub.store.models.schema import FieldRuleRow, SeenKind
from hub.store.models.tee import Tee, TeeCount
from hub.store.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "Audit",
    "ConfigVersion",
    "Connection",
    "ConsentRow",
    "Cursor",
    "DeadLetter",
    "DecisionRow",
    "Dedupe",
    "Draft",
    "Erasure",
    "ErasureStep",
    "FieldRuleRow",
    "ImportRun",
    "IntakeCount",
    "JobRun",
    "LeaseRow",
    "LinkRow",
    "LogEntry",
    "LoginAttempt",
    "Node",
    "NodePerson",
    "NodeState",
    "OrderEvent",
    "OrderLineRow",
    "Outbox",
    "Person",
    "PlanFault",
    "PluginPersonState",
    "PluginState",
    "ProductRow",
    "Refusal",
    "SeenKind",
    "ShopOrder",
    "Source",
    "Staff",
    "StaffSession",
    "Suppression",
    "Tee",
    "TeeCount",
    "TrackingPlan",
    "UsedToken",
    "Workspace",
]
