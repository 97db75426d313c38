"""The words of the public pages: language -> page -> text, around `{shop}` and the like."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, Mapping[str, str]]

_EN: Words = {
    "confirm": {
        "title": "Shall {shop} write to you?",
        "text": "You asked {shop} to send news to {address}. One press of the button, and it is "
        "settled.",
        "agreed": "What you agree to",
        "button": "Yes, send me news",
        "otherwise": "Did you not ask for this? Then close this page: nothing will be sent.",
    },
    "thanks": {
        "title": "Thank you!",
        "text": "{address} is on the list. Every mail has a link with which you can stop at any "
        "time.",
        "back": "Back to {shop}",
    },
    "forged": {
        "title": "This link does not work",
        "text": "It is not complete, or it was not made by {shop}. Open it from the mail itself, "
        "or copy the whole address from there.",
    },
    "expired": {
        "title": "This link is no longer valid",
        "text": "It was used before, or it is older than a week. If you pressed the button "
        "already, there is nothing more to do. If not, fill in your address at {shop} once more "
        "and you get a new link.",
    },
    "later": {
        "title": "That did not work just now",
        "text": "Nothing was changed. Please open the link from the mail again in a few minutes.",
    },
    "leave": {
        "title": "No more news from {shop}?",
        "text": "One press of the button, and {address} gets no more news from {shop}.",
        "button": "Yes, stop it",
        "otherwise": "Do you want to keep it? Then close this page: nothing changes.",
    },
    "left": {
        "title": "Done",
        "text": "{address} gets no more news from {shop}.",
    },
    "nowhere": {
        "title": "Nothing here",
        "text": "There is no page at this address. It may be mistyped, or cut off where it was "
        "copied.",
    },
    "fault": {
        "title": "That was our fault",
        "text": "Please try again in a moment. If it happens again, tell whoever runs this hub "
        "the number {number}.",
    },
}
_NL: Words = {
    "confirm": {
        "title": "Mag {shop} je schrijven?",
        "text": "Je hebt {shop} gevraagd om nieuws te sturen naar {address}. Eén druk op de knop "
        "en het is geregeld.",
        "agreed": "Waarmee je akkoord gaat",
        "button": "Ja, stuur mij nieuws",
        "otherwise": "Heb je hier niet om gevraagd? Sluit deze pagina dan: er wordt niets "
        "gestuurd.",
    },
    "thanks": {
        "title": "Dank je wel!",
        "text": "{address} staat op de lijst. In elke mail staat een link waarmee je altijd weer "
        "kunt stoppen.",
        "back": "Terug naar {shop}",
    },
    "forged": {
        "title": "Deze link werkt niet",
        "text": "De link is niet compleet, of niet door {shop} gemaakt. Open hem vanuit de mail "
        "zelf, of kopieer daar het hele adres.",
    },
    "expired": {
        "title": "Deze link is niet meer geldig",
        "text": "De link is al gebruikt, of ouder dan een week. Heb je al op de knop gedrukt? Dan "
        "hoef je niets meer te doen. Zo niet, vul dan je adres nog eens in bij {shop}; je krijgt "
        "dan een nieuwe link.",
    },
    "later": {
        "title": "Dat lukte nu even niet",
        "text": "Er is niets veranderd. Open de link in de mail over een paar minuten nog eens.",
    },
    "leave": {
        "title": "Geen nieuws meer van {shop}?",
        "text": "Eén druk op de knop en {address} krijgt geen nieuws meer van {shop}.",
        "button": "Ja, stop ermee",
        "otherwise": "Wil je het toch houden? Sluit deze pagina dan: er verandert niets.",
    },
    "left": {
        "title": "Geregeld",
        "text": "{address} krijgt geen nieuws meer van {shop}.",
    },
    "nowhere": {
        "title": "Hier is niets",
        "text": "Op dit adres staat geen pagina. Misschien is het verkeerd getypt, of niet "
        "helemaal gekopieerd.",
    },
    "fault": {
        "title": "Dat was onze fout",
        "text": "Probeer het zo nog eens. Gebeurt het weer, geef dan het nummer {number} door aan "
        "wie deze hub beheert.",
    },
}
_DE: Words = {
    "confirm": {
        "title": "Darf {shop} Ihnen schreiben?",
        "text": "Sie haben {shop} gebeten, Neuigkeiten an {address} zu senden. Ein Druck auf den "
        "Knopf, und es ist erledigt.",
        "agreed": "Dem stimmen Sie zu",
        "button": "Ja, senden Sie mir Neuigkeiten",
        "otherwise": "Haben Sie nicht darum gebeten? Dann schließen Sie diese Seite: es wird "
        "nichts gesendet.",
    },
    "thanks": {
        "title": "Vielen Dank!",
        "text": "{address} steht auf der Liste. Jede Mail enthält einen Link, mit dem Sie "
        "jederzeit wieder aufhören können.",
        "back": "Zurück zu {shop}",
    },
    "forged": {
        "title": "Dieser Link funktioniert nicht",
        "text": "Er ist nicht vollständig oder stammt nicht von {shop}. Öffnen Sie ihn aus der "
        "Mail selbst, oder kopieren Sie dort die ganze Adresse.",
    },
    "expired": {
        "title": "Dieser Link gilt nicht mehr",
        "text": "Er wurde schon benutzt oder ist älter als eine Woche. Haben Sie bereits auf den "
        "Knopf gedrückt, ist nichts weiter zu tun. Wenn nicht, geben "
        "Sie Ihre Adresse bei {shop} noch einmal ein; dann erhalten Sie einen neuen Link.",
    },
    "later": {
        "title": "Das hat gerade nicht geklappt",
        "text": "Es wurde nichts geändert. Bitte öffnen Sie den Link aus der Mail in einigen "
        "Minuten noch einmal.",
    },
    "leave": {
        "title": "Keine Neuigkeiten mehr von {shop}?",
        "text": "Ein Druck auf den Knopf, und {address} erhält keine Neuigkeiten mehr von {shop}.",
        "button": "Ja, abbestellen",
        "otherwise": "Möchten Sie sie behalten? Dann schließen Sie diese Seite: es ändert sich "
        "nichts.",
    },
    "left": {
        "title": "Erledigt",
        "text": "{address} erhält keine Neuigkeiten mehr von {shop}.",
    },
    "nowhere": {
        "title": "Hier ist nichts",
        "text": "Unter dieser Adresse gibt es keine Seite. Vielleicht ist sie vertippt oder nicht "
        "ganz kopiert.",
    },
    "fault": {
        "title": "Das war unser Fehler",
        "text": "Bitte versuchen Sie es gleich noch einmal. Passiert es wieder, nennen Sie dem "
        "Betreiber dieses Hubs die Nummer {number}.",
    },
}
TEXTS: Mapping[str, Words] = {"en": _EN, "nl": _NL, "de": _DE}
