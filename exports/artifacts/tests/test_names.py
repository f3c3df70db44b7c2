from urllib.parse import unquote

import pytest

from exports.artifacts.names import attachment


def parts(title, fallback="moon"):
    header = attachment(title=title, fallback=fallback, extension="pdf")
    assert header.isascii()
    assert header.isprintable()
    kind, plain, extended = header.split("; ")
    assert kind == "attachment"
    return plain, unquote(extended.removeprefix("filename*=UTF-8''"))


@pytest.mark.parametrize(
    ("title", "plain", "full"),
    [
        ("Loops and pipes", "Loops-and-pipes.pdf", "Loops and pipes.pdf"),
        ("Übung für Kinder", "Ubung-fur-Kinder.pdf", "Übung für Kinder.pdf"),
        ("月の引力", "moon.pdf", "月の引力.pdf"),
        ("جاذبية القمر", "moon.pdf", "جاذبية القمر.pdf"),
        ("🌙", "moon.pdf", "🌙.pdf"),
        ("C言語のポインタ", "moon.pdf", "C言語のポインタ.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf", "etc passwd.pdf"),
        ('a"; filename="b.exe', "a-filename-b.exe.pdf", "a ; filename= b.exe.pdf"),
        ("a\r\nSet-Cookie: x=1", "a-Set-Cookie-x-1.pdf", "a Set-Cookie x=1.pdf"),
        ("fdp\u202eexe", "fdpexe.pdf", "fdp exe.pdf"),
        (" .. ", "moon.pdf", "moon.pdf"),
        ("", "moon.pdf", "moon.pdf"),
    ],
)
def test_a_file_is_called_by_the_title_in_any_script(title, plain, full):
    assert parts(title) == (f'filename="{plain}"', full)


def test_a_long_title_is_cut_between_characters():
    _, full = parts("月" * 200)

    assert full == "月" * 50 + ".pdf"
