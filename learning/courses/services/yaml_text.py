"""YAML of which only texts and lines are wanted.

Nodes are read instead of values: each keeps its line for messages, `title: 2024-01-01` stays what
its author wrote, and an alias bomb is never unfolded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml
from django.utils.translation import gettext as _

from academy.platform.documents.text import clean_text
from learning.courses.services.findings import Findings

_NULL: Final = "tag:yaml.org,2002:null"
_MAX_CHARACTERS: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar and the line of the file on which it stands."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """The keys of a YAML mapping; problems are reported as they are met."""

    file: str
    first_line: int
    nodes: dict[str, yaml.Node]
    findings: Findings

    def text(self, *names: str, limit: int) -> Text | None:
        """The text under the first of `names` that is there; None without one."""
        for name in names:
            node = self.nodes.get(name)
            if node is None:
                continue
            line = self.line_of(node)
            if not isinstance(node, yaml.ScalarNode):
                self.findings.error(self.file, line, _("“%s” has to be a text.") % name)
                return None
            value = "" if node.tag == _NULL else clean_text(node.value).strip()
            if len(value) > limit:
                message = _("“%(name)s” has at most %(limit)d characters; this one has %(count)d.")
                facts = {"name": name, "limit": limit, "count": len(value)}
                self.findings.error(self.file, line, message % facts)
                return None
            return Text(value, line)
        return None

    def mappings(self, name: str) -> Iterator["Mapping"]:
        """The mappings of the list under `name`."""
        for node in self._items(name):
            if isinstance(node, yaml.MappingNode):
                yield _mapping(node, self.file, self.first_line, self.findings)
            else:
                message = _("An entry of “%s” has to have a title and lessons.") % name
                self.findings.error(self.file, self.line_of(node), message)

    def texts(self, name: str) -> Iterator[Text]:
        """The texts of the list under `name`."""
        for node in self._items(name):
            if isinstance(node, yaml.ScalarNode):
                yield Text(node.value.strip(), self.line_of(node))
            else:
                message = _("An entry of “%s” has to be a file's name.") % name
                self.findings.error(self.file, self.line_of(node), message)

    def _items(self, name: str) -> list[yaml.Node]:
        node = self.nodes.get(name)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.findings.error(self.file, self.line_of(node), _("“%s” has to be a list.") % name)
            return []
        return list(node.value)

    def line_of(self, node: yaml.Node) -> int:
        """The node's line in the file."""
        return self.first_line + int(node.start_mark.line)


def read_mapping(text: str, *, file: str, first_line: int, findings: Findings) -> Mapping:
    """The mapping that the YAML is; an empty one after any error, which is reported."""
    empty = Mapping(file, first_line, {}, findings)
    if len(text) > _MAX_CHARACTERS:
        findings.error(file, first_line, _("This is too much YAML."))
        return empty
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        findings.error(file, line, _("This is no YAML: %s.") % (error.problem or error.context))
        return empty
    except (yaml.YAMLError, RecursionError):
        findings.error(file, first_line, _("This is no YAML that can be read."))
        return empty
    if node is None:
        return empty
    if not isinstance(node, yaml.MappingNode):
        findings.error(file, first_line, _("This has to be “name: value” lines."))
        return empty
    return _mapping(node, file, first_line, findings)


def _mapping(node: yaml.MappingNode, file: str, first_line: int, findings: Findings) -> Mapping:
    nodes: dict[str, yaml.Node] = {}
    made = Mapping(file, first_line, nodes, findings)
    for key, value in node.value:
        name = key.value.lower() if isinstance(key, yaml.ScalarNode) else ""
        if name in nodes:
            findings.error(file, made.line_of(key), _("“%s” stands here twice.") % name)
        nodes[name] = value
    return made
