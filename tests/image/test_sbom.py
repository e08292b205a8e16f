from scripts.sbom import component, document

ENTRY = {
    "download_info": {
        "url": "https://mirror.example.com/Some.Thing-1.2-py3-none-any.whl",
        "archive_info": {"hash": "sha256=ab", "hashes": {"sha256": "ab"}},
    },
    "metadata": {"name": "Some.Thing", "version": "1.2", "license_expression": "MIT"},
}


def test_a_package_is_found_by_its_purl() -> None:
    """Its name is written as scanners look for it, beside the hash of the installed file."""
    assert component(ENTRY) == {
        "type": "library",
        "bom-ref": "pkg:pypi/some-thing@1.2",
        "name": "some-thing",
        "version": "1.2",
        "purl": "pkg:pypi/some-thing@1.2",
        "hashes": [{"alg": "SHA-256", "content": "ab"}],
        "licenses": [{"expression": "MIT"}],
    }


def test_old_licences_are_words() -> None:
    """What is no SPDX expression is a name; a whole text is nothing."""
    for words, expected in (("Apache 2", [{"license": {"name": "Apache 2"}}]), ("a\nb", None)):
        metadata = {"name": "x", "version": "1", "license": words}

        assert component(ENTRY | {"metadata": metadata}).get("licenses") == expected


def test_where_packages_came_from_is_not_told() -> None:
    """A mirror's address is nobody's business, and the order is that of the names."""
    other = ENTRY | {"metadata": {"name": "a", "version": "1"}}
    made = document({"install": [ENTRY, other]})

    assert [one["name"] for one in made["components"]] == ["a", "some-thing"]
    assert "mirror" not in str(made)
