"""What an editor fills in for each widget; the names are those the snippet reads."""

from __future__ import annotations

from hub.sdk.widgets import ContentField, WidgetType

BANNER = WidgetType(
    name="banner",
    title="Banner",
    placement="both",
    fields=(
        ContentField("title", "Title", required=True, max_length=80),
        ContentField("text", "Text", "long_text", max_length=240),
        ContentField(
            "button",
            "Button",
            max_length=40,
            help="Without a button the title itself becomes the link.",
        ),
        ContentField("url", "Link", "url"),
        ContentField(
            "tone",
            "Look",
            "choice",
            choices=(("plain", "Plain"), ("accent", "Shop colour"), ("contrast", "Dark")),
            default="plain",
        ),
    ),
    sample={
        "title": "Good to see you again",
        "text": "The jacket you looked at is back in your size.",
        "button": "Have a look",
        "url": "/new",
        "tone": "plain",
    },
)

POPUP = WidgetType(
    name="popup",
    title="Pop-up with e-mail capture",
    placement="overlay",
    fields=(
        ContentField("title", "Title", required=True, max_length=80),
        ContentField("text", "Text", "long_text", max_length=300),
        ContentField(
            "placeholder", "Hint in the field", max_length=60, default="Your e-mail address"
        ),
        ContentField("button", "Button", required=True, max_length=40),
        ContentField(
            "consent_label",
            "What the visitor agrees to",
            "long_text",
            required=True,
            max_length=300,
            help="Stands beside a box that is never ticked beforehand.",
        ),
        ContentField(
            "text_version",
            "Version of this text",
            required=True,
            max_length=40,
            default="1",
            help="Kept as proof with each consent; change it when you change what is agreed to.",
        ),
        ContentField(
            "purpose",
            "Purpose",
            "choice",
            required=True,
            choices=(("marketing", "Newsletter and offers"),),
            default="marketing",
        ),
        ContentField("success", "Thank-you text", "long_text", required=True, max_length=300),
        ContentField("decline", "Close button", max_length=40, default="No, thanks"),
        ContentField(
            "error",
            "When it fails",
            max_length=160,
            default="That did not work. Please check the address and try again.",
        ),
    ),
    sample={
        "title": "10% off your first order",
        "text": "A short letter every other week: what is new, and what is reduced.",
        "placeholder": "Your e-mail address",
        "button": "Send me the code",
        "consent_label": "Yes, send me the newsletter. I can stop at any time.",
        "text_version": "1",
        "purpose": "marketing",
        "success": "Almost there: please confirm through the link in the mail we just sent.",
        "decline": "No, thanks",
        "error": "That did not work. Please check the address and try again.",
    },
)

RECOMMENDATIONS = WidgetType(
    name="recommendations",
    title="Product recommendations",
    placement="slot",
    uses_products=True,
    fields=(ContentField("title", "Title", required=True, max_length=80),),
    sample={"title": "Picked for you"},
)
