#!/usr/bin/env python3
"""Makes templates from a grammar: what tables/jinja_generated.json and random comparisons with the real Jinja2 consist of.

    generate_templates.py SEED COUNT          # a row of JSON a line, without outcomes
    generate_templates.py SEED COUNT PART     # of one part only: expression, statement, inheritance, text, date, native

Expressions are made by type, so that most of them have a value; about one in twenty operands is of any type. Variables are
those of the table's context (context.json in the table's head), which record_templates.py reads too.
"""

import json
import random
import sys

INTS = ["0", "1", "2", "3", "7", "10", "-1", "-7", "255", "1_000", "0x1F", "0b101", "0o17", "n", "neg", "big", "2**63", "10**20",
        "-2**63", "9223372036854775807", "18446744073709551616", "true", "l|length", "words|length", "12345678901234567890123"]
FLOATS = ["0.0", "1.5", "-2.5", "0.1", "1e3", "1e16", "1e15", "1.0e-5", "0.0001", "1e22", "1e300", "2.675", "1_0.5", "f", "pi",
          "100.0", "3.0", "-0.0", "1/3", "123456789.123456789", "5e-324", "1e308"]
STRINGS = ["''", "'a'", '"b"', "'hello world'", "'Hello, World!'", "'  pad\\t'", "'x-y_z'", "'1'", "'42'", "' 7 '", "'-3.5'",
           "'1e3'", "'0x1f'", "'nan'", "'a\\nb\\nc'", "'it\\'s'", '"q\\"q"', "'\\u00e9t\\u00e9'", "'\\x41\\101'", "'\\\\d'",
           "'größe'", "'ß'", "'ﬁne'", "'İ'", "'Σς'", "'日本語'", "'😀'", "'a,b;c'", "'ABC'", "'aBc dEf'", "'%s'", "'{}'", "'<b>x</b>'",
           "'a&b'", "'one two three four five six'", "'tab\\there'", "'\\r\\n'", "'ǅ'", "'x' 'y'", "s", "html", "uni", "u", "empty",
           "words[0]", "'http://example.com/x?y=1&z=2 and www.python.org.'", "'None'", "'a.b.c'", "'  '", "'e\\u0301'",
           "'aaa'", "'/path/to/file.csv'", "'2024-05-06'", "'١٢'", "'Ⅷ'", "'½'", "'x²'", "'\\x00'", "'\\x7f\\xad'", "'a\\u2028b'"]
LISTS = ["[]", "[1]", "l", "words", "[3, 1, 2]", "[1, 2.5, true]", "['b', 'A', 'c']", "[1, [2, [3]]]", "nested", "(1, 2)", "()", "(1,)",
         "range(5)", "range(10, 0, -3)", "users", "['a', 'B', 'a', 'b']", "mixed", "[none, 1]", "[[2, 'b'], [1, 'a']]", "d.keys()",
         "d.values()", "d.items()", "'abc'", "[1.0, 1, true, 0, false]", "range(0)", "('x', 'y')", "[{'k': 1}, {'k': 2}, {'k': 1}]",
         "[{'k': 'a'}, {'j': 1}]", "floats", "[big, 1]"]
DICTS = ["{}", "d", "{'a': 1}", "{'b': 2, 'a': 1, 'C': 3}", "{1: 'x', 2.5: 'y', none: 'z', true: 1}", "{'k': {'z': [1, 2]}}", "users[0]",
         "dict(x=1, y='z')", "dict([('p', 1), ('q', 2)])", "{'a': none, 'b': missing}", "{(1, 2): 'tuple'}", "{'a b': 1}", "deep",
         "{'<': '>', \"'\": '\"'}", "dict({'a': 1}, b=2)"]
DATES = ["dt", "day", "year_end", "berlin", "berlin_summer", "naive", "old", "plain"]
ANY = ["none", "true", "false", "True", "None", "missing", "nothing", "undefined_name", "loop", "dict", "range", "cycler"]
WORDS = ["'a'", "'b'", "'x'", "'-'", "','", "' '", "''", "'ab'", "'l'", "'\\n'", "'o'", "'ß'", "'world'"]
SMALL = ["0", "1", "2", "3", "5", "10", "-1", "-2", "20", "40"]
UNITS = ["years", "months", "weeks", "days", "hours", "minutes", "seconds", "microseconds"]
NAMES = ["x", "y", "item", "v", "k"]


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.scope = []  # variables of loops, macros and sets around

    def pick(self, choices):
        return self.rng.choice(choices)

    def chance(self, p):
        return self.rng.random() < p

    def one_of(self, *makers):
        return self.pick(makers)()

    # ---- expressions by type

    def any(self, depth):
        if self.scope and self.chance(0.3):
            return self.pick(self.scope)
        kind = self.pick([self.int, self.int, self.float, self.str, self.str, self.str, self.list, self.list, self.dict, self.bool])
        return kind(depth) if not self.chance(0.05) else self.pick(ANY)

    def typed(self, kind, depth):
        return self.any(depth) if self.chance(0.04) else kind(depth)

    def number(self, depth):
        return self.typed(self.pick([self.int, self.int, self.float]), depth)

    def int(self, depth):
        if depth <= 0 or self.chance(0.25):
            return self.pick(INTS)
        d = depth - 1
        return self.one_of(
            lambda: f"{self.operand(self.int, d)} {self.pick(['+', '-', '*', '//', '%'])} {self.operand(self.int, d)}",
            lambda: f"{self.operand(self.int, d)} ** {self.pick(['0', '1', '2', '3', '10', '-1', '65'])}",
            lambda: f"-{self.operand(self.int, d)}",
            lambda: f"({self.typed(self.int, d)})",
            lambda: f"{self.operand(self.str, d)}|{self.pick(['length', 'count', 'wordcount', 'int', 'int(5)', 'int(0, 16)', 'int(base=0)', 'int(default=none, base=2)'])}",
            lambda: f"{self.operand(self.list, d)}|{self.pick(['length', 'sum', 'first', 'last', 'min', 'max'])}",
            lambda: f"{self.operand(self.number, d)}|{self.pick(['int', 'abs', 'round', 'round|int', 'int(base=16)'])}",
            lambda: f"{self.operand(self.int, d)}|round({self.pick(SMALL)})",
            lambda: f"{self.operand(self.str, d)}.{self.pick(['count', 'find', 'rfind', 'index', 'rindex'])}({self.pick(WORDS)}{self.pick(['', '', ', 1', ', -3', ', 1, 4', ', 0, -1'])})",
            lambda: f"{self.operand(self.int, d)}.{self.pick(['bit_length()', 'real', 'imag', 'numerator', 'denominator', 'conjugate()', 'bit_count()', 'as_integer_ratio()'])}",
            lambda: f"{self.operand(self.list, d)}.{self.pick(['count', 'index'])}({self.any(0)})",
            lambda: f"{self.operand(self.list, d)}[{self.pick(SMALL)}]",
            lambda: f"d.{self.pick(['a', 'b', 'b[0]', 'c.x', 'zz', 'b.1', 'items', 'a.real'])}",
        )

    def float(self, depth):
        if depth <= 0 or self.chance(0.3):
            return self.pick(FLOATS)
        d = depth - 1
        return self.one_of(
            lambda: f"{self.operand(self.number, d)} {self.pick(['/', '/', '+', '-', '*', '//', '%'])} {self.operand(self.float, d)}",
            lambda: f"{self.operand(self.float, d)} ** {self.pick(['2', '0.5', '-1', '3'])}",
            lambda: f"{self.operand(self.int, d)} / {self.operand(self.int, d)}",
            lambda: f"{self.operand(self.float, d)}|round({self.pick(['', '0', '1', '2', '-1', '-2', '5', '17'])})",
            lambda: f"{self.operand(self.number, d)}|round({self.pick(SMALL)}, {self.pick(['precision=0', chr(39) + 'ceil' + chr(39), chr(39) + 'floor' + chr(39), chr(39) + 'common' + chr(39)])})",
            lambda: f"{self.operand(self.str, d)}|float{self.pick(['', '(1.5)', '(default=none)'])}",
            lambda: f"{self.operand(self.int, d)}|float",
            lambda: f"{self.operand(self.float, d)}.{self.pick(['is_integer()', 'real', 'imag', 'conjugate()', 'hex()', 'as_integer_ratio()'])}",
            lambda: f"-{self.operand(self.float, d)}",
        )

    def bool(self, depth):
        d = depth - 1
        if depth <= 0:
            return self.pick(["true", "false", "t", "1 == 1", "not t"])
        return self.one_of(
            lambda: f"{self.operand(self.number, d)} {self.pick(['==', '!=', '<', '<=', '>', '>='])} {self.operand(self.number, d)}",
            lambda: f"{self.operand(self.str, d)} {self.pick(['==', '!=', '<', '>='])} {self.operand(self.str, d)}",
            lambda: f"{self.operand(self.list, d)} {self.pick(['==', '!=', '<', '>'])} {self.operand(self.list, d)}",
            lambda: f"{self.operand(self.int, d)} < {self.operand(self.int, d)} {self.pick(['<', '==', '>='])} {self.operand(self.int, d)}",
            lambda: f"{self.any(d)} {self.pick(['and', 'or'])} {self.any(d)}",
            lambda: f"not {self.any(d)}",
            lambda: f"{self.operand(self.any, d)} {self.pick(['in', 'not in'])} {self.operand(self.list, d)}",
            lambda: f"{self.operand(self.str, d)} {self.pick(['in', 'not in'])} {self.operand(self.str, d)}",
            lambda: f"{self.operand(self.any, d)} in {self.operand(self.dict, d)}",
            lambda: f"{self.operand(self.any, d)} is {self.pick(['', '', 'not '])}{self.test(d)}",
            lambda: f"{self.operand(self.any, d)} is {self.pick(['', '', 'not '])}{self.test(d)} {self.pick(['and', 'or'])} {self.bool(0)}",
            lambda: f"{self.operand(self.str, d)}.{self.pick(['startswith', 'endswith'])}({self.pick(WORDS)}{self.pick(['', '', ', 1', ', 0, 3'])})",
            lambda: f"{self.operand(self.str, d)}.is{self.pick(['alnum', 'alpha', 'ascii', 'decimal', 'digit', 'identifier', 'lower', 'numeric', 'printable', 'space', 'title', 'upper'])}()",
            lambda: f"{self.operand(self.str, d)} is {self.pick(['lower', 'upper', 'string', 'escaped', 'sequence', 'iterable'])}",
        )

    def test(self, d):
        return self.pick([
            "boolean", "callable", "defined", "undefined", "even", "odd", "false", "true", "float", "integer", "iterable", "lower", "upper",
            "mapping", "none", "number", "sequence", "string", "escaped", f"divisibleby {self.pick(['2', '3', '0', 'n'])}",
            f"divisibleby({self.int(0)})", f"eq({self.any(0)})", f"== {self.pick(INTS)}", f"sameas({self.pick(['none', 'true', 'n', '1', 's'])})",
            f"sameas {self.pick(['none', 'true', 'false'])}", f"in({self.list(d)})", f"in {self.pick(['l', 'words', 's', 'd'])}",
            f"gt({self.number(0)})", f"lt {self.pick(['3', 'n'])}", f"ge({self.number(0)})", f"le({self.number(0)})", "filter", "test",
            f"ne({self.any(0)})", f"greaterthan({self.number(0)})", f"lessthan({self.number(0)})", f"equalto {self.pick(['7', 's'])}"])

    def str(self, depth):
        if depth <= 0 or self.chance(0.2):
            return self.pick(STRINGS)
        d = depth - 1
        q = lambda: self.pick(WORDS)
        n = lambda: self.pick(SMALL)
        return self.one_of(
            lambda: f"{self.operand(self.str, d)} {self.pick(['~', '~', '+'])} {self.operand(self.str, d)}",
            lambda: f"{self.operand(self.any, d)} ~ {self.operand(self.any, d)}",
            lambda: f"{self.operand(self.str, d)} * {n()}",
            lambda: f"{self.operand(self.str, d)}[{self.slice()}]",
            lambda: f"{self.operand(self.str, d)}|{self.text_filter()}",
            lambda: f"{self.operand(self.str, d)}|{self.text_filter()}",
            lambda: f"{self.operand(self.str, d)}|{self.text_filter()}|{self.text_filter()}",
            lambda: f"{self.operand(self.str, d)}.{self.text_method()}",
            lambda: f"{self.operand(self.str, d)}.{self.text_method()}",
            lambda: f"{self.operand(self.any, d)}|{self.pick(['string', 'tojson', 'tojson(2)', 'tojson(indent=1)', 'pprint', 'e', 'forceescape', 'safe', 'urlencode', 'default(1)', 'd(2, true)', 'striptags', 'upper', 'title', 'trim', 'lower', 'capitalize', 'center(9)'])}",
            lambda: f"{self.operand(self.list, d)}|join{self.pick(['', '()', f'({q()})', f'({q()}, {q()})', '(d=1)', '(attribute=0)'])}",
            lambda: f"users|join({q()}, attribute='{self.pick(['name', 'age', 'tags', 'tags.0', 'zz'])}')",
            lambda: f"{q()}.join({self.operand(self.list, d)})",
            lambda: f"{self.operand(self.number, d)}|filesizeformat{self.pick(['', '(true)', '(binary=false)'])}",
            lambda: f"{self.percent_format(d)}",
            lambda: f"{self.brace_format(d)}",
            lambda: f"{self.str(d)} if {self.bool(d)}{self.pick([f' else {self.str(d)}', ''])}",
            lambda: f"{self.operand(self.dict, d)}|{self.pick(['xmlattr', 'xmlattr(false)', 'urlencode', 'tojson', 'pprint'])}",
            lambda: f"{self.operand(self.list, d)}|{self.pick(['first', 'last', 'min', 'max', 'pprint', 'tojson'])}",
        )

    def text_filter(self):
        q = lambda: self.pick(WORDS)
        n = lambda: self.pick(SMALL)
        b = lambda: self.pick(["true", "false"])
        return self.pick([
            "upper", "lower", "title", "capitalize", "trim", f"trim({q()})", "reverse", "string", "e", "escape", "safe", "forceescape", "striptags",
            "urlize", f"urlize({n()})", "urlize(10, true)", "urlize(target='_blank', rel='x')", "urlize(nofollow=true, extra_schemes=['tel:'])", "urlencode",
            f"center({n()})", "center", "indent", f"indent({n()})", f"indent({n()}, {b()})", f"indent('> ', {b()}, {b()})", "indent(width=2, blank=true)",
            f"replace({q()}, {q()})", f"replace({q()}, {q()}, {n()})", "replace('', '.')", f"truncate({n()})", f"truncate({n()}, {b()})", "truncate(9, true, '…')",
            f"truncate({n()}, false, '', {n()})", f"truncate(length=8, leeway=0)", f"wordwrap({n()})", f"wordwrap({n()}, {b()})", "wordwrap(5, true, '|')",
            f"wordwrap(7, break_on_hyphens={b()})", "default('z')", "default('z', true)", "list|join('.')", "format", f"format({self.any(0)})", "first", "last",
            "sort|join", "unique|join", "batch(2)|list|string", "length|string", "wordcount", "int", "float", "tojson", "pprint", "map('upper')|join",
            "select('in', 'aeiou')|join", "list", "sort(reverse=true)|list", "groupby(0)|list|length|string"])

    def text_method(self):
        q = lambda: self.pick(WORDS)
        n = lambda: self.pick(SMALL)
        return self.pick([
            "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", f"strip({q()})", f"lstrip({q()})", f"rstrip({q()})", "lstrip()",
            f"replace({q()}, {q()})", f"replace({q()}, {q()}, {n()})", f"center({n()})", f"center({n()}, '*')", f"ljust({n()}, '.')", f"rjust({n()})", f"zfill({n()})",
            "split()", f"split({q()})", f"split({q()}, {n()})", f"split(maxsplit={n()})", f"rsplit({q()}, {n()})", "rsplit(none, 1)", "splitlines()", "splitlines(true)",
            f"partition({q()})", f"rpartition({q()})", f"removeprefix({q()})", f"removesuffix({q()})", "expandtabs()", f"expandtabs({n()})", f"join({self.pick(LISTS)})",
            f"startswith(('a', 'h'))", f"format({self.any(0)})", f"zfill(8)", "upper", "__class__", "_x", "nope", "translate({97: 'z', 98: none})", "isalpha()"])

    def slice(self):
        part = lambda: self.pick(["", "", "0", "1", "2", "-1", "-2", "5", "100", "-100", "n"])
        return self.pick([self.pick(SMALL), f"{part()}:{part()}", f"{part()}:{part()}:{self.pick(['', '1', '2', '-1', '-2', '3', '0'])}", "none:2", "true", "'a'"])

    def percent_format(self, d):
        flags = self.pick(["", "", "-", "0", "+", " ", "#", "-0", "+0", "# "])
        width = self.pick(["", "", "1", "5", "12"])
        precision = self.pick(["", "", ".0", ".1", ".3", ".10"])
        kind = self.pick("dsrafgeGEXxoiuc%FzB")
        value = self.any(d) if kind in "srazB" else self.number(d)
        spec = f"%{flags}{width}{precision}{kind}"
        return self.pick([
            f"'{spec}' % ({value},)", f"'{spec}'|format({value})", f"'[{spec}]' % {self.operand(self.number, d)}", f"'%s-%s' % ({value}, {self.any(0)})",
            f"'%(a)s %(b){width}{precision}{kind}' % {{'a': 1, 'b': {value}}}", f"'%(x)s'|format(x={value})", f"'%*d' % (5, {self.int(d)})", f"'%.*f' % (2, {self.float(d)})",
            f"'%s' % {self.operand(self.list, d)}", f"'%s %%' % ({value},)", f"'%(a)s' % d"])

    def brace_format(self, d):
        fill = self.pick(["", "", "<", ">", "^", "=", "*<", "0>", "é^", "x="])
        sign = self.pick(["", "", "+", "-", " "])
        alternate = self.pick(["", "", "", "#", "z"])
        zero = self.pick(["", "", "0"])
        width = self.pick(["", "3", "8", "12"])
        group = self.pick(["", "", ",", "_"])
        precision = self.pick(["", "", ".0", ".2", ".5"])
        kind = self.pick(["", "", "d", "s", "f", "F", "e", "E", "g", "G", "x", "X", "o", "b", "c", "n", "%", "q"])
        spec = fill + sign + alternate + zero + width + group + precision + kind
        value = self.operand(self.pick([self.number, self.number, self.str, self.any]), d)
        return self.pick([
            f"'{{:{spec}}}'.format({value})", f"'{{0:{spec}}}|{{0}}'.format({value})", f"'{{x:{spec}}}'.format(x={value})", f"'{{}} {{}}'.format({value}, 1)",
            f"'{{!r:>{width or 4}}}'.format({value})", f"'{{0.real}} {{0}}'.format({self.number(d)})", f"'{{0[0]}}'.format({self.operand(self.list, d)})",
            f"'{{0[a]}}'.format({self.operand(self.dict, d)})", f"'{{:{{}}}}'.format({value}, {self.pick(SMALL)})", f"'{{{{}}}}'.format()", f"'{{!s}}{{!a}}'.format({value}, {value})",
            f"'{{1}}{{0}}'.format({value}, 2)", f"'{{a}}'.format_map({self.operand(self.dict, d)})", f"'{{' .format()", f"'{{:,}}'.format({self.number(d)})"])

    def list(self, depth):
        if depth <= 0 or self.chance(0.25):
            return self.pick(LISTS)
        d = depth - 1
        n = lambda: self.pick(SMALL)
        a = lambda: self.pick(["'name'", "'age'", "'tags'", "'zz'", "0", "'k'", "'tags.0'", "1"])
        t = lambda: self.pick(["'odd'", "'even'", "'none'", "'string'", "'number'", "'defined'", "'gt', 1", "'in', [1, 2]", "'eq', 30", "'divisibleby', 2", "'nope'"])
        return self.one_of(
            lambda: f"[{', '.join(self.any(d) for _ in range(self.rng.randint(0, 4)))}]",
            lambda: f"({self.any(d)}, {self.any(d)})",
            lambda: f"{self.operand(self.list, d)} + {self.operand(self.list, d)}",
            lambda: f"{self.operand(self.list, d)} * {n()}",
            lambda: f"{self.operand(self.list, d)}[{self.slice()}]",
            lambda: f"{self.operand(self.list, d)}|{self.pick(['sort', 'sort(true)', 'sort(reverse=true)', 'sort(case_sensitive=true)', 'list', 'unique|list', 'unique(true)|list', 'reverse|list', 'reverse'])}",
            lambda: f"{self.operand(self.list, d)}|{self.pick([f'batch({n()})', f'batch({n()}, {self.any(0)})', f'slice({n()})', f'slice({n()}, {self.any(0)})'])}|list",
            lambda: f"{self.operand(self.list, d)}|map({self.pick([chr(39) + f + chr(39) for f in ['upper', 'string', 'int', 'length', 'abs', 'float', 'round', 'list', 'first', 'nope', 'tojson', 'default', 'title']])})|list",
            lambda: f"{self.operand(self.list, d)}|{self.pick(['select', 'reject'])}({self.pick(['', t()])})|list",
            lambda: f"users|{self.pick(['selectattr', 'rejectattr'])}({a()}{self.pick(['', ', ' + t()])})|{self.pick(['list', 'map(attribute=' + chr(39) + 'name' + chr(39) + ')|list'])}",
            lambda: f"{self.pick(['users', self.operand(self.list, d)])}|map(attribute={a()}{self.pick(['', ', default=0', ', default=none'])})|list",
            lambda: f"users|sort(attribute={self.pick(['chr', a()])})|map(attribute='name')|list".replace("chr", "'age,name'"),
            lambda: f"{self.pick(['users', 'nested', self.operand(self.list, d)])}|groupby({a()}{self.pick(['', ', default=1', ', case_sensitive=true'])}){self.pick(['|list', '|map(attribute=0)|list', '|map(attribute=' + chr(39) + 'list' + chr(39) + ')|list'])}",
            lambda: f"{self.operand(self.dict, d)}|dictsort{self.pick(['', '(true)', '(by=' + chr(39) + 'value' + chr(39) + ')', '(reverse=true)', '(false, ' + chr(39) + 'key' + chr(39) + ', true)', '(by=' + chr(39) + 'x' + chr(39) + ')'])}",
            lambda: f"{self.operand(self.dict, d)}|items|list",
            lambda: f"{self.operand(self.dict, d)}.{self.pick(['keys()', 'values()', 'items()'])}{self.pick(['', '|list', '|sort'])}",
            lambda: f"{self.operand(self.str, d)}.split({self.pick(['', *WORDS])})",
            lambda: f"{self.operand(self.list, d)}|{self.pick(['min', 'max', 'sum', 'first', 'last'])}",
            lambda: f"users|{self.pick(['sum', 'min', 'max', 'unique'])}(attribute={a()}){self.pick(['', '|list'])}",
            lambda: f"range({self.pick(SMALL)}{self.pick(['', ', ' + self.pick(SMALL), ', 9, ' + self.pick(SMALL)])}){self.pick(['', '|list', '|length', '|sum'])}",
            lambda: f"{self.operand(self.list, d)}.{self.pick(['copy()', 'append(1)', 'pop()', 'pop(0)', 'reverse()', 'sort()', 'insert(0, 1)', 'extend([1])', 'remove(1)', 'clear()', '0', '1', 'index(1)'])}",
        )

    def dict(self, depth):
        if depth <= 0 or self.chance(0.3):
            return self.pick(DICTS)
        d = depth - 1
        return self.one_of(
            lambda: "{" + ", ".join(f"{self.pick([self.str, self.int])(0)}: {self.any(d)}" for _ in range(self.rng.randint(0, 3))) + "}",
            lambda: f"dict(a={self.any(d)}, b={self.any(d)})",
            lambda: f"{self.operand(self.dict, d)}.{self.pick(['get(' + self.any(0) + ')', 'get(1, 2)', 'copy()', 'pop(' + chr(39) + 'a' + chr(39) + ')', 'setdefault(' + chr(39) + 'q' + chr(39) + ', 5)', 'update(z=1)', 'popitem()', 'a', 'b', 'get', 'fromkeys([1, 2])'])}",
            lambda: f"{self.operand(self.dict, d)}[{self.any(0)}]",
            lambda: f"{self.operand(self.list, d)}|first",
        )

    def operand(self, kind, depth):
        made = self.typed(kind, depth)
        return made if self.chance(0.5) and made.replace("_", "").isalnum() or made.startswith(("[", "'", "{")) and self.chance(0.4) else f"({made})"

    # ---- dates

    def date(self, depth):
        if depth <= 0:
            return self.pick(DATES)
        d = depth - 1
        n = lambda: self.pick(["1", "-1", "2", "13", "25", "-20", "0"])
        unit = lambda: self.pick(UNITS)
        name = lambda: self.pick(["second", "minute", "hour", "day", "week", "month", "year", "decade", "century", "fortnight"])
        return self.one_of(
            lambda: f"{self.date(d)}.{self.pick(['add', 'subtract'])}({unit()}={n()})",
            lambda: f"{self.date(d)}.{self.pick(['add', 'subtract'])}({', '.join(f'{u}={n()}' for u in self.rng.sample(UNITS, 2))})",
            lambda: f"{self.date(d)}.{self.pick(['start_of', 'end_of'])}('{name()}')",
            lambda: f"{self.date(d)}.{self.pick(['in_timezone', 'in_tz'])}('{self.pick(['UTC', 'Europe/Berlin', 'Europe/Berlin', '+02:00', 'Nope/Zone'])}')",
            lambda: f"({self.date(d)} {self.pick(['+', '-'])} delta{self.pick(['', ' * 2', ' / 3', ' // 7'])})",
            lambda: f"{self.date(d)}.replace({self.pick(['year=2023', 'month=2', 'day=29', 'hour=1, minute=2', 'microsecond=5', 'tzinfo=none', 'month=13'])})",
            lambda: f"{self.date(d)}.{self.pick(['set(year=2020, day=3)', 'set(hour=1)', 'on(2020, 1, 2)', 'at(1, 2, 3)', 'naive()', 'next(0)', 'previous(6)', 'next()', 'date()', 'time()', 'first_of(' + chr(39) + 'month' + chr(39) + ')', 'last_of(' + chr(39) + 'quarter' + chr(39) + ')', 'nth_of(' + chr(39) + 'month' + chr(39) + ', 2, 1)', 'average(day)', 'closest(day, old)', 'farthest(day, old)'])}",
        )

    def date_text(self, depth):
        date = self.date(depth)
        other = self.date(self.pick([0, 0, 1]))
        tokens = self.pick(["YYYY-MM-DD HH:mm:ss", "dddd, MMMM Do YYYY", "[Week] w W wo E e d", "Q Qo DDD DDDD DDDo", "h:mm A a", "SSS SSSSSS", "LT LTS L LL LLL LLLL", "ZZ Z z", "YY Y",
                            "MMM M MM Mo", "ddd dd D DD", "\\\\Y YYYY", "hh H HH", "s ss"])
        directives = self.pick(["%Y-%m-%d", "%H:%M:%S.%f", "%A %a %B %b", "%d/%m/%y %I %p", "%j %U %W %w %u %V %G", "%c|%x|%X", "%z %%", "%e %k %l", "%-d %-m %-H", "%D %F %T %R %r", "%C %g %h %n %t", "%Q %"])
        return self.pick([
            date, f"{date}.isoformat({self.pick(['', chr(39) + ' ' + chr(39), 'timespec=' + chr(39) + self.pick(['hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', 'x']) + chr(39)])})",
            f"{date}.strftime('{directives}')", f"{date}.format('{tokens}')", f"'{{:{directives}}}'.format({date})",
            f"{date}.{self.pick(['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond', 'day_of_week', 'day_of_year', 'week_of_year', 'week_of_month', 'days_in_month', 'quarter', 'timestamp()', 'int_timestamp', 'float_timestamp', 'timezone_name', 'tz', 'tzinfo', 'offset', 'offset_hours', 'fold', 'nope', 'timezone.name', 'decade', 'utc'])}",
            f"{date}.{self.pick(['weekday', 'isoweekday', 'isocalendar', 'toordinal', 'ctime', 'utcoffset', 'dst', 'timetuple', 'utctimetuple', 'is_dst', 'is_leap_year', 'is_utc', 'is_local', 'get_offset', 'is_long_year', 'date', 'time', 'isocalendar().week'])}{self.pick(['()', '()', ''])}",
            f"{date}.to_{self.pick(['atom', 'cookie', 'date', 'datetime', 'day_datetime', 'formatted_date', 'iso8601', 'rfc1036', 'rfc1123', 'rfc2822', 'rfc3339', 'rfc822', 'rfc850', 'rss', 'time', 'w3c'])}_string()",
            f"({date} - {other}){self.pick(['', '.days', '.seconds', '.total_seconds()', '.in_days()', '.in_hours()', '.in_words()', '.years', '.months', '.weeks', '.remaining_days', '.hours', '.minutes', '.remaining_seconds', '.microseconds', '.in_weeks()', '.in_months()', '.start', '.end', '.total_hours()', '.as_timedelta()', '.invert', '.in_seconds()', '.in_years()'])}",
            f"{date}.diff({other}){self.pick(['.in_words()', '.days', '', '.in_hours()', '.invert'])}", f"{date}.diff({other}, false){self.pick(['.days', '.in_minutes()', ''])}",
            f"{date}.diff_for_humans({other}{self.pick(['', ', true'])})", f"{date} {self.pick(['<', '>', '==', '!=', '<='])} {other}", f"[{date}]", f"{date}|{self.pick(['string', 'pprint', 'tojson', 'list', 'upper', 'length'])}",
            f"{date}.is_{self.pick(['same_day', 'anniversary', 'birthday'])}({other})", f"delta{self.pick(['', '.days', '.seconds', '.total_seconds()', ' * 3', ' / 2', ' // 2', ' + delta', ' / delta', ' % delta', ' < delta', '|abs', '|string', ' * 1.5'])}",
            f"-delta", f"[delta, {date}.date(), {date}.time()]", f"plain_date{self.pick(['', '.year', ' + delta', '.isoformat()', '.strftime(' + chr(39) + '%d.%m.' + chr(39) + ')', '.replace(day=9)', ' - plain_date', '.weekday()', '.isocalendar()', ' < plain_date', '.ctime()'])}",
            f"plain_time{self.pick(['', '.hour', '.isoformat()', '.strftime(' + chr(39) + '%H' + chr(39) + ')', '.replace(hour=1)', '.tzinfo', '|string'])}", f"dict(a={date})", f"{date}|{self.pick(['ds', 'ds_nodash', 'ts', 'ts_nodash', 'ts_nodash_with_tz'])}",
        ])

    # ---- statements

    def tag(self, text, kind="%"):
        left = self.pick(["", "", "", "", "-", "+" if kind == "%" else ""])
        right = self.pick(["", "", "", "", "-", "+" if kind == "%" else ""])
        close = {"%": "%}", "{": "}}", "#": "#}"}[kind]
        return "{" + kind + left + " " + text + " " + right + close

    def print(self, depth):
        return self.tag(self.any(depth), "{")

    def blanks(self):
        return self.pick(["", "", " ", "\n", "\n  ", "  \n", "x", "\t", " a\n", "\n\n"])

    def body(self, depth):
        return "".join(self.blanks() + self.statement(depth - 1) for _ in range(self.rng.randint(1, 2))) + self.blanks()

    def within(self, names, depth):
        self.scope += names
        made = self.body(depth)
        del self.scope[-len(names):]
        return made

    def statement(self, depth):
        if depth <= 0:
            return self.pick([self.print(1), self.print(0), self.tag("comment", "#"), "text", "{% raw %}{{ x }}{% endraw %}"])
        return self.one_of(
            lambda: self.print(2), lambda: self.for_loop(depth), lambda: self.for_loop(depth), lambda: self.if_chain(depth), lambda: self.set(depth), lambda: self.set_block(depth),
            lambda: self.macro(depth), lambda: self.call(depth), lambda: self.with_block(depth), lambda: self.filter_block(depth), lambda: self.namespace(depth), lambda: self.recursive(depth),
            lambda: self.autoescape(depth), lambda: self.do(depth), lambda: self.loop_attributes(depth), lambda: self.block(depth), lambda: self.odd())

    def for_loop(self, depth):
        x = self.pick(NAMES)
        target, source, names = self.pick([(x, self.list(1), [x]), (f"{x}, z", self.pick(["d.items()", "nested", "users|groupby('age')", "deep.items()", "[(1, 2), (3, 4)]"]), [x, "z"]),
                                           (f"({x}, z)", "[(1, 2)]", [x, "z"])])
        condition = self.pick(["", "", f" if {x}", f" if {x} is {self.test(0)}", f" if {self.bool(0)}"])
        otherwise = self.pick(["", self.tag("else") + self.body(0)])
        inner = self.within([*names, "loop.index", "loop.last"], depth)
        extra = self.pick(["", "{{ loop.index }}", "{{ loop.revindex }}{{ loop.length }}", "{{ loop.previtem|default('-') }}{{ loop.nextitem|default('-') }}", "{{ loop.cycle('a', 'b') }}", "{{ loop.changed(" + x + ") }}",
                           "{{ loop.first }}{{ loop.last }}", "{{ loop.depth }}{{ loop.depth0 }}", "{{ loop }}", "{{ loop.index0 }}{{ loop.revindex0 }}", "{{ loop.nope }}"])
        return self.tag(f"for {target} in {source}{condition}") + extra + inner + otherwise + self.tag("endfor")

    def loop_attributes(self, depth):
        return ("{% for x in " + self.list(1) + " %}{% if " + self.pick(["loop.first", "loop.index > 1", "not loop.last", "loop.changed(x)", "x is defined"]) + " %}{{ x }}{% endif %}{% set x = 1 %}{% for y in " +
                self.pick(["x", "[1, 2]", "words"]) + " %}{{ loop.index }}{{ x }}{% endfor %}{% endfor %}{{ x }}")

    def recursive(self, depth):
        return self.pick([
            "{% for x in nested recursive %}{% if x is iterable %}[{{ loop(x) }}]{% else %}{{ x }}{{ loop.depth }}{% endif %}{% endfor %}",
            "{% for x in tree recursive %}{{ x.v }}{{ loop.depth0 }}{% if x.c %}({{ loop(x.c) }}){% endif %}{% if not loop.last %},{% endif %}{% endfor %}",
            "{%- for x in tree recursive -%} {{ loop.index }}{{ x.v }} {% if x.c is defined %}{{ loop(x.c)|upper }}{% endif %} {%- endfor -%}",
            "{% for x in [1, 2] %}{{ loop(x) }}{% endfor %}", "{% for x in tree if x.c recursive %}{{ x.v }}{{ loop(x.c) }}{% else %}E{% endfor %}"])

    def if_chain(self, depth):
        made = self.tag(f"if {self.bool(1)}") + self.body(depth)
        if self.chance(0.3):
            made += self.tag(f"elif {self.any(1)}") + self.body(depth)
        if self.chance(0.5):
            made += self.tag("else") + self.body(depth)
        return made + self.tag("endif")

    def set(self, depth):
        x = self.pick(NAMES)
        made = self.pick([self.tag(f"set {x} = {self.any(2)}"), self.tag(f"set {x}, z = {self.any(0)}, {self.any(1)}"), self.tag(f"set {x}, z = {self.list(0)}"), self.tag(f"set {x} = 1, 2"), self.tag(f"set ({x}, z) = (1, 2)")])
        return made + self.within([x], depth)

    def set_block(self, depth):
        x = self.pick(NAMES)
        return self.tag(f"set {x}{self.pick(['', ' | upper', ' | trim | length', ' | replace(' + chr(39) + 'a' + chr(39) + ', 1)', ' | nope'])}") + self.body(depth) + self.tag("endset") + "[{{ " + x + " }}]"

    def macro(self, depth):
        params = self.pick(["", "x", "x, y", "x, y=1", "x='q', y=x", "x, y=[1], v=n", "y=1, x"])
        inner = self.within(["x", "y", "varargs", "kwargs", "caller"][:self.rng.randint(1, 5)], depth)
        extra = self.pick(["", "", "{{ varargs }}", "{{ kwargs }}", "{{ varargs|length }}{{ kwargs|dictsort }}", "{{ caller() }}", "{{ caller is defined }}", "{% if caller %}{{ caller(1) }}{% endif %}"])
        call = self.pick(["m()", "m(1)", "m(1, 2)", "m(1, 2, 3, 4)", "m(x=1)", "m(1, y=2, q=3)", "m(*[1, 2])", "m(**{'x': 1})", "m(1, *l, **d)", "m", "m.name", "m.arguments", "m.catch_kwargs ~ m.catch_varargs ~ m.caller", "m(q=1)", "m(1)|upper", "m(1, x=2)"])
        return self.tag(f"macro m({params})") + inner + extra + self.tag("endmacro") + "{{ " + call + " }}" + self.pick(["", "{% call m(1) %}c{% endcall %}", "{% call(a, b=2) m() %}{{ a }}{{ b }}{% endcall %}"])

    def call(self, depth):
        return self.pick(["{% macro w(a) %}<{{ caller(a) }}|{{ caller(2) }}>{% endmacro %}", "{% macro w() %}<{{ caller() }}>{% endmacro %}", "{% macro w() %}-{% endmacro %}", "{% macro w(a=1) %}{{ caller(*[1, 2]) }}{{ caller }}{% endmacro %}"]) + \
            self.pick(["{% call w(1) %}", "{% call(x) w(1) %}", "{% call(x, y='d') w() %}", "{% call w() %}", "{% call w %}"]) + self.within(["x"], depth) + "{% endcall %}"

    def with_block(self, depth):
        x = self.pick(NAMES)
        return self.tag(self.pick([f"with {x} = {self.any(1)}", f"with {x} = 1, z = {self.any(1)}", "with", f"with x = 1, y = x"])) + self.within([x], depth) + self.tag("endwith") + self.pick(["", "{{ " + x + " is defined }}"])

    def filter_block(self, depth):
        return self.tag(f"filter {self.pick(['upper', 'lower', 'trim', 'replace(' + chr(39) + 'a' + chr(39) + ', ' + chr(39) + 'b' + chr(39) + ')', 'title | trim', 'indent(2, true)', 'e', 'wordwrap(9)', 'center(20)', 'nope'])}") + self.body(depth) + self.tag("endfilter")

    def namespace(self, depth):
        return ("{% set ns = namespace(" + self.pick(["", "a=0", "a=[]", "{'a': 1}", "d"]) + ") %}{% for x in " + self.list(0) + " %}{% set ns.a = " +
                self.pick(["x", "ns.a + 1", "ns.a ~ x", "loop.index", "[ns.a, x]"]) + " %}{% endfor %}{{ ns.a }}" + self.pick(["", "{{ ns }}", "{{ ns.b }}", "{{ ns['a'] }}", "{% set ns.b, y = 1, 2 %}{{ ns.b }}{{ y }}"]))

    def autoescape(self, depth):
        return self.tag(f"autoescape {self.pick(['true', 'false', 'true'])}") + self.body(depth) + self.print(1) + "{{ html }}{{ html|safe }}{{ (html|e) ~ '<' }}" + self.tag("endautoescape")

    def do(self, depth):
        return ("{% set q = " + self.list(0) + "|list %}{% do q." + self.pick(["append(1)", "extend([1, 2])", "insert(1, 'i')", "pop()", "pop(5)", "remove('z')", "reverse()", "sort()", "sort(reverse=true)", "clear()", "sort(key=none)", "insert(-1, 0)"]) + " %}{{ q }}" +
                self.pick(["", "{% set r = dict(d) %}{% do r.update({'z': " + self.any(0) + "}) %}{{ r }}", "{% set r = {'a': 1} %}{% do r.pop('a') %}{{ r }}{% do r.pop('a') %}", "{% set r = {} %}{% do r.setdefault('x', []).append(2) %}{{ r }}"]))

    def block(self, depth):
        name = self.pick(["b1", "b2"]) + str(self.rng.randint(0, 10**6))
        return self.tag(f"block {name}{self.pick(['', ' scoped', ''])}") + self.body(depth) + self.tag(f"endblock{self.pick(['', ' ' + name])}") + self.pick(["", "{{ self." + name + "() }}"])

    def odd(self):
        return self.pick([
            "{# a {{ b }} #}", "{% raw -%} {{ x }} {%- endraw %}", "{%- raw %}\n{% if %}\n{% endraw -%}\n", "{{ '{{' }}", "{{ '}}' }}", "{{ {'a': {'b': 1}}.a.b }}", "{{ [1,2,3][::-1] }}", "{{ 1 if false }}", "{{ (1 if false)|default('u') }}",
            "{{ missing }}", "{{ missing.x }}", "{{ d.zz.y }}", "{{ d['zz'] is defined }}", "{{ missing|default('d') }}", "{{ missing|length }}", "{% if missing %}x{% endif %}", "{% for x in missing %}{% endfor %}", "{{ none.x }}", "{{ none|default('x', true) }}",
            "{{ not missing }}", "{{ missing == 1 }}", "{{ missing is none }}", "{{ missing ~ 'a' }}", "{{ [missing] }}", "{{ cycler('a', 'b').next() }}", "{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}",
            "{% set j = joiner(', ') %}{{ j() }}a{{ j() }}b", "{{ dict is callable }}", "{{ range }}", "{{ dict }}", "{{ {}.__class__ }}", "{{ ''._x }}", "{{ s.upper }}", "{{ 'a' if t else 'b' if n else 'c' }}", "{{ 1, 2 }}", "{{ (1) }}", "{{ () }}", "{{ 2 ** 3 ** 2 }}",
            "{{ -2 ** 2 }}", "{{ 2 + 3 ~ 4 }}", "{{ 'a' ~ 1 + 2 }}", "{{ 1 < 2 < 3 }}", "{{ 1 in [1] == true }}", "{{ not 1 in [2] }}", "{{ - 1|abs }}", "{{ (-1)|abs }}", "{{ 1|string ~ 2 }}", "{{ 'a'|upper is upper }}", "{{ 3 is odd is true }}", "{{ s | replace('o', '0') | upper }}",
            "{{ 7 // 2 * 2 % 3 }}", "{{ 7.5 // 2 }}", "{{ -7 // 2 }}{{ -7 % 3 }}", "{{ 1 == 1.0 == true }}", "{{ 'a' * 3 }}", "{{ [1] * 2 + [3] }}", "{{ 'x' in 'xyz' and 'y' }}", "{{ 0 or '' or none or 'z' }}", "{{ 0.1 + 0.2 }}", "{{ 10 / 4 }}", "{{ 2 ** -1 }}", "{{ 2 ** 100 }}",
            "{{ 1 / 0 }}", "{{ 5 % 0 }}", "{{ 1.0 // 0 }}", "{{ '%d' % 1.9 }}", "{{ '5' + 5 }}", "{{ 5 + '5' }}", "{{ [] + () }}", "{{ {} + {} }}", "{{ none + 1 }}", "{{ 1 < 'a' }}", "{{ [1, 'a'] | sort }}", "{{ {}.x.y }}", "{{ nope() }}", "{{ 5() }}", "{{ 'a'.b() }}", "{{ 1|nope }}",
            "{{ 1 is nope }}", "{% if false %}{{ 1|nope }}{% endif %}ok", "{% nope %}", "{% endif %}", "{{ 1 + }}", "{{ (1 }}", "{{ 'a }}", "{{ 1 2 }}", "{{ a b }}", "{% for %}{% endfor %}", "{% set %}", "{% if 1 %}", "{{ }}", "{% for x in l %}{% if x == 2 %}{% break %}{% endif %}{% endfor %}",
            "{% set a.b = 1 %}", "{% set 1 = 2 %}", "{% set none = 2 %}", "{% set loop = 1 %}{{ loop }}", "{% for loop in l %}{% endfor %}", "{% print 1, 2 %}", "{% trans %}x{% endtrans %}", "{{ self }}", "{{ super() }}", "{{ varargs }}", "{% macro m(a, a) %}{% endmacro %}", "{{ f(x=1, x=2) }}",
            "{% macro m() %}{% endmacro %}{{ m }}", "{{ {'a': 1, 'a': 2} }}", "{{ {[1]: 2} }}", "{{ d.keys }}", "{{ 1.5.real }}", "{{ 1.real }}", "{{ l.0 }}", "{{ l.9 }}", "{{ nested.1.1.0 }}", "{{ users.0.name }}", "{{ 'abc'.1 }}", "{{ l[none] }}", "{{ l['x'] }}", "{{ l[1.0] }}", "{{ s[99] }}",
            "{{ 08 }}", "{{ 0_0 }}", "{{ 1__0 }}", "{{ 1_ }}", "{{ 0x }}", "{{ .5 }}", "{{ 5. }}", "{{ 1e }}", "{{ 1e400 }}", "{{ 1e-400 }}", "{{ 'a\\qb' }}", "{{ '\\N{DASH}' }}", "{{ '\\u12' }}", "{{ '\\ud83d' }}", "{{ \"\\\"\" }}", "{{ 'a\nb' }}", "{{ s }}\n", "a\n\n", "\n{{ 1 }}\n\n", "{{ 1 -}}\n 2",
            "{% set x = 1 -%}  \n y", "a  {#- c -#}  b", "{%+ if 1 %}x{% endif +%}\n y", "{{+ 1 }}", "{{ 1 +}}", "# for x in l:\n{{ x }}", "## comment", "{% line", "%}", "}}", "{", "{ {", "{{{{ 1 }}}}", "{{{ 1 }}}", "{{ {} }}{{}}", "{{ '%}' }}{% if '%}' %}a{% endif %}",
        ])

    # ---- whole rows

    def expression_row(self):
        return {"template": self.print(self.rng.randint(1, 3)).replace("{{+", "{{")}

    def statement_row(self):
        row = {"template": "".join(self.blanks() + self.statement(self.rng.randint(1, 3)) for _ in range(self.rng.randint(1, 2))) + self.blanks()}
        if self.chance(0.35):
            row["options"] = {name: True for name in ("trim_blocks", "lstrip_blocks", "keep_trailing_newline") if self.chance(0.6)}
        return row

    def inheritance_row(self):
        body = lambda: self.body(1)
        blocks = lambda: "".join(f"{{% block {name}{self.pick(['', ' scoped', ''])} %}}{self.pick(['', '{{ super() }}', '{{ super.super() }}', '{{ x }}', '{{ self.b() }}' if name == 'a' else ''])}{body()}{{% endblock %}}" for name in self.rng.sample(["a", "b", "c"], self.rng.randint(1, 3)))
        templates = {
            "base": body() + "{% set x = 'base' %}" + self.pick(["", "{% for i in [1, 2] %}{% block loop scoped %}{{ i }}{% endblock %}{% endfor %}", "{% block req required %}{% endblock %}", ""]) + blocks() + body(),
            "mid": "{% extends 'base' %}" + self.pick(["", "{% set x = 'mid' %}"]) + blocks(),
            "part": self.pick(["{{ x }}|{{ n }}", "{% set inner = 1 %}{{ x|default('no x') }}", body(), "{{ loop.index }}", "{{ missing }}"]),
            "lib": "{% macro hi(name='q') %}hi {{ name }}{{ n }}{{ caller() if caller else '' }}{% endmacro %}{% set version = 3 %}{% macro _private() %}{% endmacro %}" + self.pick(["", "{{ x }}", "text"]),
            "broken": "{% if %}",
        }
        main = self.pick([
            "{% extends " + self.pick(["'base'", "'mid'", "'base' if t else 'mid'", "'nope'", "['nope', 'base']", "broken_name", "'broken'"]) + " %}" + self.pick(["", "ignored", "{% set x = 'top' %}"]) + blocks(),
            "{% set x = 5 %}" + self.pick(["", "{% for i in [1, 2] %}"]) + "{% include " + self.pick(["'part'", "['nope', 'part']", "'nope' ignore missing", "'part' without context", "'nope'", "['nope'] ignore missing with context", "'broken'"]) + " %}",
            "{% import 'lib' as lib " + self.pick(["", "with context", "without context"]) + " %}{{ " + self.pick(["lib.hi()", "lib.hi('z')", "lib.version", "lib._private", "lib.nope", "lib", "lib.hi", "lib.hi.name"]) + " }}",
            "{% from 'lib' import " + self.pick(["hi", "hi as h, version", "nope", "version as v with context", "_private", "hi, version,"]) + " %}{{ " + self.pick(["hi()", "h()", "version", "nope", "v"]) + " }}",
            "{% set x = 1 %}{% include 'mid' %}{{ x }}",
            "{% from 'lib' import hi %}{% call hi('c') %}called{% endcall %}",
            "{% for x in [1, 2] %}{% include 'part' %}{% endfor %}",
        ])
        if main.count("{% for") > main.count("{% endfor"):
            main += "{% endfor %}"
        return {"template": main, "templates": templates}

    def text_row(self):
        pieces = ["{{", "}}", "{%", "%}", "{#", "#}", "-", "+", " ", "\n", "x", "1", "'", '"', "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "~", "=", "==", "<", "if", "else", "endif", "for", "in", "endfor", "raw", "endraw", "set", "not", "and", "is",
                  "n", "s", "upper", "\\", "\r\n", "*", "**", "/", "//", "%", "!", "@", "$", "?", ";", "é", "0", "0x", "_", "true", "none"]
        inner = lambda: " ".join(self.pick(pieces) for _ in range(self.rng.randint(1, 5)))
        return {"template": self.pick(["", "a ", "\n"]) + self.pick(["{{ " + inner() + " }}", "{% " + inner() + " %}", "{# " + inner() + " #}", "{{ " + self.any(1) + " " + inner() + " }}", inner(), "{% raw %}" + inner() + "{% endraw %}", "{% if n %}" + inner() + "{% endif %}"])}

    def date_row(self):
        return {"template": "{{ " + self.date_text(self.rng.randint(0, 2)) + " }}"}

    def native_row(self):
        literal = self.pick(["[1, 2]", "{'a': 1}", "(1, 'x')", "'q'", "1", "1.5", "-3", "None", "True", "{1, 2}", "1 + 1", "1j", "2+3j", "b'x'", "[1,\n2]", " 1", "1 ", "0x10", "1_000", "r'\\d'", "'a' 'b'", "...", "set()", "[1, [2, {'k': (3,)}]]", "007", "-'a'", "{}", "()", "12345678901234567890123", "1e400",
                             "'unclosed", "None None", "a", "[a]", "f'x'", "# c", "1 # c", "--1", "not True", "'''t\nq'''", "u'x'", "{'a': {'b'}}", "[*[1]]", "1 if True else 2", "+5", "~1", "nan", "inf", "(1)", "1,", "1,2", "'\\u00e9'", "\"it's\"", "[1 2]", "{'a' 1}", "{[1]: 2}", "", "\n1\n"])
        return {"template": self.pick([self.print(2), self.print(1), self.print(1) + self.print(1), literal, self.print(0) + self.pick([" ", ",", ""]) + self.print(0), "[" + self.print(0) + ", " + self.print(0) + "]", "{{ '" + literal.replace("'", "\\'").replace("\n", "\\n") + "' }}",
                                       self.statement(2), "{{ " + self.date(1) + " }}", "{% if false %}{% endif %}", "{% set x %}" + literal + "{% endset %}{{ x }}"]), "native": True}

    PARTS = {"expression": expression_row, "statement": statement_row, "inheritance": inheritance_row, "text": text_row, "date": date_row, "native": native_row}

    def row(self, part=None):
        if part is None:
            part = self.rng.choices(list(self.PARTS), weights=[10, 5, 2, 1, 3, 2])[0]
        self.scope = []
        return self.PARTS[part](self)


def rows(seed, count, part=None):
    maker = Maker(random.Random(seed))
    seen = set()
    while len(seen) < count:
        row = maker.row(part)
        text = json.dumps(row, ensure_ascii=True)
        if len(text) < 1500 and text not in seen:
            seen.add(text)
            yield row


if __name__ == "__main__":
    for row in rows(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4]):
        print(json.dumps(row))
