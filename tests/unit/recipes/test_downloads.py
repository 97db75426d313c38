"""What is downloaded is whole, filled in, the same each time, and takes no hostile address."""

from __future__ import annotations

import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest

from hub import __version__
from hub.recipes.downloads import RECIPES, Site, download

SITE = Site("https://hub.example/r", "wk_0123456789")


def files_of(name: str) -> dict[str, str]:
    made = download(name, SITE)
    if made.media_type != "application/zip":
        return {made.name: made.content.decode()}
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return {info.filename: archive.read(info).decode() for info in archive.infolist()}


@pytest.mark.parametrize("name", RECIPES)
def test_nothing_is_left_to_fill_in(name: str) -> None:
    files = files_of(name)
    assert not [path for path, text in files.items() if re.search(r"__(HUB_\w+|VERSION)__", text)]
    together = "".join(files.values())
    assert SITE.origin in together and SITE.key in together
    assert download(name, SITE) == download(name, SITE)


def test_the_archives_have_the_folders_that_their_systems_expect() -> None:
    assert "regulars/regulars.php" in files_of("woocommerce")
    assert (
        f" * Version:           {__version__}\n" in files_of("woocommerce")["regulars/regulars.php"]
    )
    shopware = files_of("shopware")
    composer = json.loads(shopware["RegularsSnippet/composer.json"])
    assert composer["extra"]["shopware-plugin-class"] == "RegularsSnippet\\RegularsSnippet"
    assert composer["autoload"]["psr-4"] == {"RegularsSnippet\\": "src/"}
    magento = files_of("magento")
    assert "Regulars/Snippet/registration.php" in magento
    assert "Regulars_Snippet" in magento["Regulars/Snippet/registration.php"]


@pytest.mark.parametrize("name", ["shopware", "magento"])
def test_every_xml_and_json_file_can_be_read(name: str) -> None:
    for path, text in files_of(name).items():
        if path.endswith(".xml"):
            ElementTree.fromstring(text)
        if path.endswith(".json"):
            json.loads(text)


def test_the_policy_of_magento_names_the_host_without_its_path() -> None:
    text = files_of("magento")["Regulars/Snippet/etc/csp_whitelist.xml"]
    hosts = [value.text for value in ElementTree.fromstring(text).iter("value")]
    assert hosts == ["https://hub.example", "https://hub.example"]


@pytest.mark.parametrize(
    "origin",
    [
        "javascript:alert(1)",
        "https://hub.example'); evil('",
        'https://hub.example"><script>',
        "https://hub.example/{{ shop.secret }}",
        "https://hub.example/?>",
        "https://user:pw@hub.example",
        "https://hub.example/a b",
        "https://hub.example\n",
        "",
    ],
)
def test_an_address_that_would_mean_something_else_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        download("woocommerce", Site(origin, SITE.key))


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        download("gtm", Site(SITE.origin, "wk_'; evil()"))
