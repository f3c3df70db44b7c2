"""What Word asks of a file that it opens without repair (ECMA-376, part 1, section 17 and annex A)."""

import io
import zipfile

import pytest
from docx.oxml.ns import qn
from lxml import etree

from academy.platform.documents.tests.rendering import (
    course_figures,
    course_lessons,
    docx_of,
    parsed,
)
from academy.platform.documents.tests.test_constructs import BLOBS, SOURCE

ORDERS = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs"
    " suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd"
    " snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment"
    " textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid"
    " vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em"
    " lang eastAsianLayout specVanish oMath",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing"
    " tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType"
    " pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings",
    "numbering": "numPicBullet abstractNum num numIdMacAtCleanup",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "num": "abstractNumId lvlOverride",
    "tbl": "tblPr tblGrid tr",
    "tc": "tcPr p",
}  # fmt: skip
AFTER_NOTES = ("endnotePr", "compat", "docVars", "rsids", "mathPr", "themeFontLang", "decimalSymbol", "listSeparator")  # fmt: skip


def parts_of(word):
    target = io.BytesIO()
    word.save(target)
    with zipfile.ZipFile(target) as package:
        return {name: package.read(name) for name in package.namelist()}


def misplaced(root):
    found = []
    for element in root.iter():
        name = etree.QName(element)
        order = ORDERS.get(name.localname, "").split() if "wordprocessingml" in (name.namespace or "") else ()  # fmt: skip
        if order:
            places = [order.index(etree.QName(child).localname) for child in element]
            if places != sorted(places):
                found.append((name.localname, [etree.QName(child).localname for child in element]))
    return found


def check(word):
    parts = parts_of(word)
    roots = {name: etree.fromstring(data) for name, data in parts.items() if name.endswith((".xml", ".rels"))}  # fmt: skip
    for name, root in roots.items():
        if name.startswith("word/") and "theme" not in name:
            assert not misplaced(root), name
    body = roots["word/document.xml"]
    check_identifiers(roots, body)
    check_types(parts, roots["[Content_Types].xml"])
    check_notes(roots, body)


def check_identifiers(roots, body):
    drawn = [element.get("id") for element in body.iter(qn("wp:docPr"))]
    marks = [element.get(qn("w:id")) for element in body.iter(qn("w:bookmarkStart"))]
    assert len(drawn) == len(set(drawn))
    assert len(marks) == len(set(marks))
    numbering = roots["word/numbering.xml"]
    lists = {item.get(qn("w:numId")) for item in numbering.iter(qn("w:num"))}
    used = {item.get(qn("w:val")) for item in body.iter(qn("w:numId"))}
    assert used <= lists | {"0"}
    definitions = {item.get(qn("w:abstractNumId")) for item in numbering.iter(qn("w:abstractNum"))}
    assert {i.get(qn("w:val")) for n in numbering.iter(qn("w:num")) for i in n.iter(qn("w:abstractNumId"))} <= definitions  # fmt: skip
    styles = {item.get(qn("w:styleId")) for item in roots["word/styles.xml"].iter(qn("w:style"))}
    for tag in ("w:pStyle", "w:rStyle"):
        assert {item.get(qn("w:val")) for item in body.iter(qn(tag))} <= styles
    anchors = {item.get(qn("w:name")) for item in body.iter(qn("w:bookmarkStart"))}
    linked = {item.get(qn("w:anchor")) for item in body.iter(qn("w:hyperlink"))} - {None}
    assert linked <= anchors
    for part in ("document", "footnotes"):
        if f"word/{part}.xml" not in roots:
            continue
        wanted = {
            value
            for item in roots[f"word/{part}.xml"].iter()
            for name, value in item.attrib.items()
            if name in {qn("r:id"), qn("r:embed")}
        }
        relations = roots.get(f"word/_rels/{part}.xml.rels", ())
        assert wanted <= {relation.get("Id") for relation in relations}


def check_types(parts, types):
    endings = {item.get("Extension").lower() for item in types if item.get("Extension")}
    named = {item.get("PartName") for item in types if item.get("PartName")}
    for name in set(parts) - {"[Content_Types].xml"}:
        assert f"/{name}" in named or name.rsplit(".", 1)[-1].lower() in endings, name
    assert named <= {f"/{name}" for name in parts}


def check_notes(roots, body):
    marks = [item.get(qn("w:id")) for item in body.iter(qn("w:footnoteReference"))]
    if not marks:
        return
    notes = {item.get(qn("w:id")): item.get(qn("w:type")) for item in roots["word/footnotes.xml"]}
    assert notes["-1"] == "separator"
    assert notes["0"] == "continuationSeparator"
    assert {notes[mark] for mark in marks} == {None}
    names = [etree.QName(item).localname for item in roots["word/settings.xml"]]
    assert all(names.index(name) > names.index("footnotePr") for name in AFTER_NOTES if name in names)  # fmt: skip


def test_every_construct_stands_where_the_schema_wants_it():
    check(docx_of(parsed(SOURCE, BLOBS), BLOBS))


@pytest.mark.parametrize(
    "source",
    [
        "> 1. one\n>\n>    - [ ] task\n>      - [x] done\n>\n> text\n",
        '<div dir="rtl">\n\n1. واحد\n\n| أ | ب |\n|:-|-:|\n| 1 | 2 |\n\n</div>\n',
        "<table><tr><th colspan=2>a</th></tr><tr><td rowspan=2>b</td><td>c</td></tr><tr><td>d</td></tr></table>\n",
        "::: hint\n## Title\n\n| a |\n|-|\n| b |\n:::\n\n::: hint\n- x\n\n  ```\n  y\n  ```\n:::\n",
        "Term\n: ~~a~~ **_b_** <mark>c</mark> x^2^ $a$\n\n$$\n\\sqrt{2}\n$$\n",
    ],
)  # fmt: skip
def test_unusual_nesting_stands_where_the_schema_wants_it(source):
    check(docx_of(parsed(source)))


@pytest.mark.parametrize("path", course_lessons())
def test_the_real_course_stands_where_the_schema_wants_it(path):
    figures, blobs = course_figures()
    del figures
    check(docx_of(parsed(path.read_text("utf-8").split("---", 2)[2], blobs), blobs))


def test_the_space_between_two_inline_elements_stays():
    (item,) = [
        p
        for p in docx_of(parsed("- **Socket** `/ws/` *and* more")).paragraphs
        if "Socket" in p.text
    ]
    assert item.text == "Socket /ws/ and more"


def test_a_task_has_a_box_and_no_bullet():
    word = docx_of(parsed("- [x] done\n- [ ] open\n- plain\n"))
    numbers = {p.text: p._p.pPr.numPr.numId.val for p in word.paragraphs if p._p.pPr is not None and p._p.pPr.numPr is not None}  # fmt: skip
    assert numbers["☑ done"] == numbers["☐ open"] == 0
    assert numbers["plain"] > 0


def test_columns_are_as_wide_as_their_text_wants():
    word = docx_of(parsed(f"| Code | Meaning |\n|-|-|\n| a | {'many words ' * 8}|\n"))
    narrow, wide = (int(c.get(qn("w:w"))) for c in word.tables[0]._tbl.iter(qn("w:gridCol")))
    assert wide > 4 * narrow


def test_a_wrong_order_is_noticed():
    properties = docx_of(parsed("- a")).paragraphs[-1]._p.pPr
    assert not misplaced(properties)
    properties.append(properties[0])
    assert misplaced(properties)
