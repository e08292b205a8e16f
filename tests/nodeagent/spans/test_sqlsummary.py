import pytest

from nodeagent.spans.sqlsummary import summary
from nodeagent.spans.sqltext import MYSQL, POSTGRESQL, SQL_SERVER, SQLITE, tokens


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM items WHERE id = $1", "SELECT items"),
        ("select a from public.items", "SELECT public.items"),
        ('SELECT "id" FROM "Items"', "SELECT Items"),
        ("SELECT * FROM songs s, artists AS a WHERE s.a = a.id", "SELECT songs artists"),
        ("SELECT * FROM a JOIN b USING (id) LEFT JOIN c ON c.x IN (1, 2)", "SELECT a b c"),
        ("SELECT * FROM (SELECT id FROM items) x", "SELECT SELECT items"),
        ("SELECT EXTRACT(year FROM day) FROM ONLY orders", "SELECT orders"),
        ("SELECT a FROM t WHERE a IS DISTINCT FROM b", "SELECT t"),
        ("SELECT a FROM items FOR UPDATE", "SELECT items"),
        ("SELECT 1", "SELECT"),
        ("SELECT f(a, b), c FROM t", "SELECT t"),
        ("INSERT INTO lines(a) SELECT o FROM orders", "INSERT lines SELECT orders"),
        ("INSERT OR REPLACE INTO items VALUES (1)", "INSERT items"),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 2", "INSERT t"),
        ("UPDATE items SET a = 1, b = (SELECT c FROM d)", "UPDATE items SELECT d"),
        ("DELETE FROM items WHERE id = 1", "DELETE items"),
        ("WITH a AS (SELECT id FROM items) SELECT * FROM a", "SELECT items SELECT a"),
        ("CREATE TABLE IF NOT EXISTS items (id int)", "CREATE TABLE items"),
        ("DROP TABLE items", "DROP TABLE items"),
        ("TRUNCATE TABLE items", "TRUNCATE items"),
        ("CALL restock(1, 2)", "CALL restock"),
        ("UPDATE a SET x = 1; DELETE FROM b", "UPDATE a DELETE b"),
        ("begin", "BEGIN"),
        ("/* shop */ SELECT 1", "SELECT"),
        ("what is this", ""),
        ("'text'", ""),
        ("))((,.;", ""),
        ("", ""),
    ],
)
def test_operations_and_tables_are_told(query: str, said: str) -> None:
    """In the order of the text, without the columns and conditions."""
    assert summary(tokens(query, POSTGRESQL)) == said


@pytest.mark.parametrize(
    ("query", "system", "said"),
    [
        ("SELECT `id` FROM `shop`.`items`", MYSQL, "SELECT shop.items"),
        ("SELECT [id] FROM [dbo].[items]", SQL_SERVER, "SELECT dbo.items"),
        ('SELECT "id" FROM "items"', SQLITE, "SELECT items"),
        ('SELECT TRIM("x" FROM "secret")', MYSQL, "SELECT"),
    ],
)
def test_names_are_quoted_in_many_ways(query: str, system: str, said: str) -> None:
    """A name is told without its quotes; what may be a string is none."""
    assert summary(tokens(query, system)) == said


def test_a_summary_is_bounded() -> None:
    """255 characters, and whole words."""
    said = summary(tokens("SELECT * FROM " + ", ".join(["items"] * 100), POSTGRESQL))

    assert len(said) <= 255
    assert set(said.split()) == {"SELECT", "items"}
