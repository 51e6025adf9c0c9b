"""Asks Python's jinja2, set up as Hugging Face does, what templates mean; writes semantics.json, which SemanticsTest reads.

Needs Python 3.11 or newer with jinja2 3.1: python3 semantics.py
"""

import copy
import datetime
import json
import pathlib
import warnings

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

VARIABLES = {
    "s": "Hello, wörld 🐟!",
    "e": "",
    "l": [3, 1, 2],
    "d": {"b": 1, "a": [1, "x"], "items": 5},
    "n": None,
    "f": 1.5,
    "i": 7,
    "t": True,
    "big": 12345678901234567890123,
    "words": "  the quick  brown fox ",
    "nl": "a\nb\r\nc\n\nd",
    "users": [{"n": "Bo", "a": 3, "c": {"x": 1}}, {"n": "al", "a": 1, "c": {"x": 2}}, {"n": "Al", "a": 3, "c": {"x": 0}}],
    "html": "<a href=\"x\">'&'</a>",
}

# One expression a line.
EXPRESSIONS = r"""
1 + 2 * 3
2 ** 3 ** 2
-2 ** 2
7 // 2
-7 // 2
7 % -3
-7 % 3
7.5 // 2
-7.5 % 2
7 / 2
6 / 2
1e100
1e16
1e15
123456789.123
1.0
0.1 + 0.2
1e-5
0.0001
1 / 3
2 ** -1
2 ** 0.5
2 ** 100
big + 1
big * big
big // 7
-big // 7
big % 1000
big / 3
9223372036854775807 + 1
-9223372036854775807 - 2
9223372036854775807 * 2
1 / 0
1 // 0
1 % 0
1.0 / 0
0 ** -1
true + true
true * 5
not 1
not ''
1 == 1.0
1 == true
'1' == 1
[1,2] == [1,2]
(1,2) == [1,2]
{'a':1} == {'a':1.0}
1 < 2 < 3
1 < 3 < 2
'a' < 'b'
'a' < 1
[1,2] < [1,3]
none < 1
none == none
none is none
1 in [1,2]
'a' in 'abc'
1 in 'abc'
'a' in d
1 not in [1]
x in [1]
1 in x
1 in none
1 and 0
0 or 'x'
'' or []
1 if true else 2
1 if false
(1 if false) is defined
1 if 0 else 2 if 0 else 3
x
x.y
x.y is defined
d.zz is defined
d.zz.y
d['items']
d.a
d['a'][1]
d.a.1
l[0]
l[-1]
l[5]
l[5] is defined
l['x']
l[1:]
l[::-1]
l[:-1]
l[-2:]
l[5:]
l[2:0:-1]
l[::2]
l[::0]
s[0]
s[-2]
s[13]
s[::-1]
s[1:5]
s[:100]
s[-3:]
s|length
s[99]
n[0]
n.x
n.x is defined
i.x is defined
[1,'a',none,true,1.5,(1,),(1,2),{'a':'b'},()]
"it's"
["it's", 'say "x"', "both ' and \"", 'a\nb\t\\', '\x00\x7f\xa0é🐟\u200b']
{'a': 1, 2: 'b', none: 3, true: 4, 1.5: 5}
{1: 'a', 1.0: 'b', true: 'c'}
{[1]: 2}
{(1,2): 3}
{'a':1}.a
{'a':1,'a':2}
d
d.keys()
d.values()
d.items()
d.keys()|list
d.get('a')
d.get('zz')
d.get('zz', 9)
d.get('items')
d.copy()
d.pop('a')
d.update({})
d.update is defined
l.append(1)
l.sort()
l.index(2)
l.index(9)
l.count(1)
l.copy()
(1,2,1).count(1)
s.upper()
s.lower()
s.title()
'ÆØÅ ßfoo ǆ'.title()
'ß'.upper()
'ÆØÅ'.lower()
'hello WORLD'.capitalize()
'hello WORLD'.swapcase()
'ǆx ßy'.capitalize()
words.strip()
words.lstrip()
words.rstrip()
'xxaxx'.strip('x')
'xyaxy'.lstrip('yx')
'abc'.strip('')
words.split()
words.split(' ')
words.split(none, 1)
words.split(' ', 2)
words.rsplit(none, 1)
words.rsplit(' ', 1)
'a,b,c'.split(',')
'a,b,c'.split(',', 1)
'a,b,c'.split(sep=',', maxsplit=1)
'a,b,c'.rsplit(',', 1)
'a--b--c'.rsplit('--')
''.split()
''.split(',')
'a'.split('')
nl.splitlines()
nl.splitlines(true)
'a-b-c'.partition('-')
'a-b-c'.rpartition('-')
'abc'.partition('-')
'abc'.rpartition('-')
'-'.join(['a','b'])
'-'.join('abc')
'-'.join([1])
'aXbX'.replace('X','y')
'aXbX'.replace('X','y',1)
'abc'.replace('','-')
'abc'.replace('','-',2)
'🐟a'.replace('','-')
''.replace('','x')
'abcabc'.find('c')
'abcabc'.rfind('c')
'abcabc'.find('c',3)
'abcabc'.find('z')
'abcabc'.index('z')
'🐟abc'.find('c')
'🐟abcabc'.find('c',4)
'aaa'.count('a')
'aaa'.count('aa')
'aaa'.count('')
'abc'.startswith('a')
'abc'.startswith(('x','a'))
'abc'.startswith('b',1)
'abc'.endswith('c')
'abc'.endswith(('x','bc'))
'abc'.startswith(['a'])
'abc'.startswith(1)
'abc'.removeprefix('a')
'abc'.removesuffix('c')
'a'.center(4)
'a'.center(5,'*')
'ab'.center(5,'*')
'ab'.center(4)
'a'.ljust(3,'-')
'a'.rjust(3,'-')
'a'.rjust(3,'--')
'-5'.zfill(4)
'5'.zfill(4)
'a\tb'.expandtabs()
'ab\tb'.expandtabs(4)
'abc'.isalpha()
'12'.isdigit()
'²'.isdigit()
'½'.isnumeric()
'1a'.isalnum()
' '.isspace()
''.isspace()
'Ab'.istitle()
'Ab Cd'.istitle()
'AB'.isupper()
'ab1'.islower()
'ab'.isidentifier()
'1b'.isidentifier()
'é'.isascii()
'a b'.isprintable()
'abc'.nope()
'abc'.__class__
'abc'.__class__ is defined
'{} {}'.format(1,'a')
'{0} {1} {0}'.format(1,'a')
'{a} {b[x]} {c.n}'.format(a=1,b={'x':2},c=users[0])
'{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}|{:x}|{:+d}|{:e}|{:%}'.format(1,2,3,4,5.0,1234567,255,5,12345.678,0.25)
'{:5}|{:5}|{:*^7}'.format('a',1,'b')
'{!r}'.format('a')
'{{}}'.format()
'{} {}'.format(1)
'{:.2}'.format('abc')
'{:g} {:g} {:G}'.format(1e10,0.0001,1e-10)
'{:#x} {:#b} {:o}'.format(255,5,8)
'{:08.3f}'.format(3.14159)
'{:{}}|'.format('a',5)
'%s %d %5.2f %x %r %%' % ('a',1,2.5,255,'b')
'%s' % 1
'%s' % none
'%d' % 1.9
'%d' % 'a'
'%(a)s-%(b)d' % {'a':1,'b':2}
'%5s|%-5s|%05d|%+d|% d' % ('a','b',5,6,7)
'%e %g %G' % (12345.678, 0.00001, 1e20)
'%.3s' % 'abcdef'
'%c%c' % ('a', 66)
'%s %s' % (1,)
'%s' % (1,2)
'%*d' % (5, 3)
'%o %X %#x %#o' % (8,255,255,8)
'%i' % true
'%s' % [1,2]
'%s' % d
'a' ~ 1 ~ none ~ 1.5 ~ true ~ x
'a' + 'b'
'a' + 1
1 + 'a'
'a' + none
'a' + x
x + 'a'
[1] + [2]
[1] + (2,)
(1,) + (2,)
'ab' * 3
3 * 'ab'
'ab' * -1
'ab' * 1.5
[1] * 2
(1,) * 2
[1] - [1]
'a' 'b' "c"
1_000
0x1F
0b101
0o17
1.5e3
1e3
'\u00e5\x41\101\N{BULLET}\q'
"\"" + '\''
-1|abs
(-1)|abs
- 1
+5
-true
-'a'
--1
not not 1
not true == false
l|length
n|length
5|length
x|length
d|length
l|first
[]|first
[]|first is defined
l|last
s|first
s|last
d|first
d|last
x|first
x|last
l|sort
l|sort(reverse=true)
['b','A','c']|sort
['b','A','c']|sort(case_sensitive=true)
users|sort(attribute='n')
users|sort(attribute='a')
users|sort(attribute='a,n')|map(attribute='n')|list
users|sort(attribute='c.x',reverse=true)|map(attribute='n')|list
[1,'a']|sort
[]|sort
l|reverse|list
s|reverse
l|reverse|length
l|unique|list
['a','A','b']|unique|list
['a','A','b']|unique(true)|list
[1,1.0,true,2]|unique|list
users|unique(attribute='a')|map(attribute='n')|list
[[1],[1]]|unique|list
l|min
l|max
[]|max
['b','A']|min
users|max(attribute='a')
l|sum
users|sum(attribute='a')
['a']|sum
[[1],[2]]|sum(start=[])
[1.5,2]|sum
l|join
l|join(',')
l|join(', ', attribute='x')
users|join(',', attribute='n')
users|map(attribute='n')|join(',')
s|join('-')
n|join
[none,true,1.5]|join(' ')
l|map('string')|list
['a','b']|map('upper')|join
['a','b']|map('replace','a','x')|list
users|map(attribute='zz', default='?')|list
users|map(attribute='c.x')|list
l|map|list
l|map('nofilter')|list
x|map('upper')|list
l|select('odd')|list
l|select('gt', 1)|list
[0,1,'']|select|list
[0,1,'']|reject|list
l|reject('equalto', 2)|list
users|selectattr('a','equalto',3)|map(attribute='n')|list
users|selectattr('zz')|list
users|selectattr('zz','defined')|list
users|rejectattr('a','eq',3)|list
users|selectattr('c.x','>',0)|map(attribute='n')|join
users|selectattr('n','in',['Bo'])|list|length
[1,2,3,4,5]|batch(2)|list
[1,2,3,4,5]|batch(2,'x')|list
[1,2,3,4,5]|slice(2)|list
[1,2,3,4,5]|slice(3,'x')|list
users|groupby('a')
users|groupby('n')|map('first')|list
users|groupby('zz', default=1)
(users|groupby('a'))[0].grouper
(users|groupby('a')|first).list|length
d|dictsort
{'b':1,'A':2,'c':0}|dictsort
{'b':1,'A':2,'c':0}|dictsort(true)
{'b':1,'A':2,'c':0}|dictsort(by='value')
{'b':1,'A':2,'c':0}|dictsort(reverse=true)
l|dictsort
d|items|list
x|items|list
l|items|list
d|list
s|list
n|list
5|list
'5'|int
'5.7'|int
'abc'|int
'abc'|int(9)
'abc'|int(default=9)
'0x1A'|int(base=16)
'1A'|int(0,16)
' 12 '|int
'1_000'|int
none|int
5.9|int
-5.9|int
true|int
l|int
x|int
'1e3'|int
'inf'|int
'5.5'|float
'abc'|float
'abc'|float(1.5)
none|float
5|float
'nan'|float
'1_0.5'|float
'0x10'|float
'1f'|float
x|float
5.567|round
5.567|round(2)
2.5|round
3.5|round
-2.5|round
5|round
15|round(-1)
25|round(-1)
5.567|round(1,'floor')
5.51|round(1,'ceil')
5.5|round(method='floor')
5|round(0,'ceil')
1.005|round(2)
0.5|round
-0.4|round
'a'|round
-5|abs
-5.5|abs
'a'|abs
x|default('d')
none|default('d')
none|default('d', true)
''|default('d', true)
''|default('d', boolean=true)
x|d
0|default(5,true)
s|upper
s|lower
n|upper
5|upper
x|upper
'foo-bar baz(qux'|title
"it's fine"|title
'HELLO wORLD'|capitalize
words|trim
'xxaxx'|trim('x')
5|trim
none|trim
'ab'|center(6)
'aXa'|replace('a','b')
'aXa'|replace('a','b',1)
5|replace(5,6)
none|replace('None','x')
nl|indent
nl|indent(2)
nl|indent(2, true)
nl|indent(2, true, true)
nl|indent(width='> ', blank=true)
nl|indent(first=true)
''|indent
5|indent
x|indent
'foo bar baz qux'|truncate(9)
'foo bar baz qux'|truncate(9, true)
'foo bar baz qux'|truncate(11)
'foo bar baz qux'|truncate(11, false, '...', 0)
'foobarbazqux'|truncate(5,false,'',0)
'a b c'|truncate(1)
'foo bar'|wordcount
"it's a_b c-d"|wordcount
'a b/ø?&='|urlencode
{'a b':1,'c':'ø/'}|urlencode
'%s-%s'|format(1,2)
'%(a)s'|format(a=5)
'x'|string
5|string
none|string
x|string
l|string
html|escape
html|e
html|safe
html|safe|upper
html|safe ~ '<'
(html|safe) + '<'
'<' + (html|safe)
(html|safe)|length
'<'|e ~ '<'
('<b>%s</b>'|safe) % '<'
('<b>'|safe) * 2
'x'|safe == 'x'
('a'|safe)
['a'|safe]
('<a>'|safe).replace('a','<')
('<a>'|safe).upper() + '<'
('a,b'|safe).split(',')
('<i>'|safe)[0] + '<'
{'a':1}['a'|safe]
html|forceescape
('&lt;'|safe)|e
('&lt;'|safe)|forceescape
[1,2]|e
none|safe
d|tojson
l|tojson
s|tojson
n|tojson
[1.0,1e20,1e-7,true,none,'é\n\t"\\/\x00\x7f']|tojson
d|tojson(indent=2)
d|tojson(indent=0)
d|tojson(indent='--')
[]|tojson(indent=2)
{}|tojson(indent=2)
[[],{}]|tojson(indent=1)
d|tojson(separators=(',',':'))
d|tojson(sort_keys=true)
s|tojson(ensure_ascii=true)
d|tojson(true)
x|tojson
range(3)|tojson
(1,2)|tojson
{1:2,none:3,true:4,1.5:5}|tojson
{(1,2):3}|tojson
l|map('string')|tojson
d.items()|tojson
namespace(a=1)|tojson
('a'|safe)|tojson
'{"a":[1,2.5,null,true],"b":"\\u00e5"}'|from_json
'{"a":1'|from_json
'[1,]'|from_json
'nope'|from_json
' [1] '|from_json
'1e5'|from_json
'01'|from_json
'[NaN, Infinity]'|from_json
{}|from_json
d|attr('a')
d|attr('items') is callable
s|attr('upper')()
s is string
5 is string
5 is number
true is number
5.5 is number
5 is integer
true is integer
5.5 is float
5 is float
true is boolean
1 is boolean
true is true
1 is true
false is false
x is undefined
x is defined
d is mapping
l is mapping
l is sequence
s is sequence
d is sequence
d.items() is sequence
d.keys() is iterable
5 is iterable
s is iterable
x is iterable
x is sequence
n is iterable
range(3) is sequence
l|map('string') is sequence
l|map('string') is iterable
range is callable
s is callable
x is callable
5 is odd
5 is even
5 is divisibleby 5
5 is divisibleby(2)
5 is eq 5
5 is equalto 5
5 is ne 4
5 is gt 4
5 is ge 5
5 is lt 4
5 is le 5
5 is greaterthan 4
'a' is in 'abc'
5 is in [5]
5 is not in [5]
'abc' is lower
'ABC' is upper
none is sameas none
1 is sameas true
[] is sameas []
'upper' is filter
'zz' is filter
'odd' is test
('a'|safe) is escaped
5 is nosuchtest
5 is not odd
5 is odd or 5 is even
x is defined and x.y
not x is defined
5 is divisibleby 5 and true
5|nofilter
5 is odd is even
range(5)|list
range(1,5)|list
range(5,1,-2)|list
range(0)|list
range(3)
range(1,3)
range(1,10,2)
range(10)[2:5]
range(10)[3]
range(10)|length
3 in range(5)
range(3) == range(3)
range(100001)
range(0,10**12,10**11)|list
range('a')
range(1,2,0)
dict(a=1,b=2)
dict({'a':1},b=2)
dict([('a',1)])
dict([1])
namespace(a=1).a
namespace(a=1)
namespace({'x':2}).x
namespace(a=1).b is defined
namespace(a=1)['a']
joiner('|')()
cycler(1,2).next()
raise_exception('boo')
strftime_now('%Y-%m-%d %H:%M:%S')
strftime_now('%d %B %Y, %A %a %b %j %p %I %y %f %%')
strftime_now('%-d %-m %e %U %W %w %u %V %G %D %F %T %R %c %x %X %h %C')
strftime_now('%Z%z|%n%t')
strftime_now('%q')
loop
caller is defined
l.0
l.0.x is defined
'a'.b.c
(1,2,3)[1:]
(1,)
()
(1)
[1,2,]
{'a':1,}
[(1,2),(3,4)]|map('last')|list
[[1,2],[3,4]]|map(attribute=0)|list
[[1,2],[3,4]]|map(attribute='1')|list
[[1,2],[3,4]]|sum(start=[])
1.__class__
"a" if s
dict(a=1) == {'a':1}
'a'*3 ~ 'b'
1 ~ 2 + 3
1 + 2 ~ 3
2 * 3 ~ 4
l|length + 1
l|length * 2 == 6
'a' in 'abc' and 'b' in 'abc'
'a' not in 'abc'
not 'a' in 'abc'
1 if 'a' in 'abc' else 2
l[l|length - 1]
l[0] + l[1]
users[0]['n']
users[0].c.x
users|length > 2
(users|first).n
users|map(attribute='n')|map('lower')|unique|list
users|tojson
[1,2][true]
'abc'[true]
{true:'x'}[1]
{1:'x'}[true]
{1:'x'}[1.0]
{1:'x'}.get(true)
{'a':none}.a
{'a':none}.get('a','z')
{'a':none}.a is defined
{'a':none}['a'] is none
'x' in {'x':none}
[1,2,3].index(2)
d == d
d != d
[none] == [none]
[x] == [x]
x == y
x == none
x != 1
[1,[2,[3]]] == [1,[2,[3]]]
(1,2) < (1,3)
'a' < 'B'
'é' > 'z'
'🐟' > '\uffff'
true > false
1.5 < 2
big > 1.5
big == 12345678901234567890123
1e400
-1e400
1e308 * 10
(1e308 * 10) - (1e308 * 10)
10 ** 400
10.0 ** 400
'a' <= 'a'
l is eq [3,1,2]
none ~ ''
[x]
{'a':x}
'%s' % x
x|string|length
x ~ x
x and 1
x or 1
not x
x|list
x|join
x|sort
x|reverse|list
x|sum
x|int(5)
x|e
x|safe
x|title
x|trim
x|replace('a','b')
x|dictsort
x|unique|list
x|select|list
x|batch(2)|list
x|min
x|round
x|abs
x|format
x|wordcount
x|truncate
x()
x[0]
x['a']
x[1:]
-x
+x
x < 1
1 < x
x + 1
x * 2
x is odd
x is in [1]
x is lower
x is mapping
x is number
x is string
d.x is undefined
d.x|default(5)
d.x.y|default(5)
'a\nb'|tojson
"%.2f"|format(3.14159)
"%d items"|format(l|length)
'a' is string and l is iterable and l is not string
'x'.join(['1','2'])|upper
'abc'|list|reverse|join
[1,2,3]|map('string')|join('+')
(1,2)|list
'abc'[1:2]|upper
'-'*10
"tab\tnew\\n"
'\''
"\u2028"|tojson
loop.index is defined
'a' 'b'|upper
'a' ~ 'b'|upper
1|string + '2'
-l[0]
-1|string
(-1)|string
2**-1|abs
{'a': {'b': {'c': 1}}}.a.b.c
{'a': [1,{'b': 2}]}.a[1].b
{}|length == 0
[[]]|first|length
1 == 1 == 1
1 < 2 == true
1 in [1] == true
'a' 'b' in 'abc'
l|sort|first
l|sort|join(',') ~ '!'
l|list|length
'{"a": 1}'|from_json|tojson
(d.a|last).upper()
users|map(attribute='n')|list|tojson
"a,b;c".split(",")[1].split(";")|last
"<think>x</think>y".split("</think>")[-1].lstrip("\n")
"a" in ["a","b"] and not "c" in ["a"]
s.split(", ")[1][:-1]
foo is not defined or foo
namespace(x=[]).x + [1]
[1,2,3]|select("greaterthan",1)|sum
(1, 2)|join
{"a":1}|dictsort|first|first
"%s"|format("a","b")
"a".join(x)
"a b c".split(" ", maxsplit=1)
d.a is iterable and d.a is not mapping and d.a is not string
1000000|string|length
123|string|reverse
"yes" if 0.0 else "no"
"yes" if [] else "no"
"yes" if {} else "no"
"yes" if [0] else "no"
"yes" if () else "no"
"yes" if range(0) else "no"
"yes" if l|map('string') else "no"
"yes" if namespace() else "no"
"yes" if d.keys() else "no"
"yes" if {}.keys() else "no"
"""

TEMPLATE_VARIABLES = VARIABLES | {
    "x": 5,
    "s": "héi",
    "d": {"b": 1, "a": 2},
    "msgs": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yo"},
        {"role": "user", "content": "{{ x }}"},
    ],
    "tree": [
        {"n": 1, "c": [{"n": 2, "c": []}, {"n": 3, "c": [{"n": 4, "c": []}]}]},
        {"n": 5, "c": []},
    ],
}

# Whole templates: tags, whitespace, scopes, mistakes. One a line, as a JSON string.
TEMPLATES = r"""
"a\n{% if x %}\nb\n{% endif %}\nc"
"  {% if x %}\n  b\n  {% endif %}\n  c\n"
"a {%- if x -%}  b  {%- endif -%} c"
"a\n  {%- if x %}\n  b{% endif +%}\nc"
"a\n  {%+ if x %}b{% endif %}"
"{# c #}\nx"
"  {# c #}\nx"
"x {#- c -#} y"
"x {# c +#}\ny"
"{{ x }}\n{{ x }}\n"
"{{ x }}\n"
"{{ x }}\n\n"
"\n{{ x }}"
"{{- x -}}\n y"
" {{- x }} "
"{{ x -}} \n\t y"
"a\r\nb\rc\n"
"{% raw %}{{ x }}{% endraw %}"
"{% raw %}\n {{ x }} \n{% endraw %}\ny"
"a {%- raw -%} {{ x }} {%- endraw -%} b"
"  {% raw %}x{% endraw %}"
"  {%+ raw %} x{% endraw +%}\ny"
"{%raw%}{%if%}{%endraw%}"
"{% if x %}{% endif %}\n\n\nx"
"\t{% set y=1 %}\n\t{% set z=2 %}\nend"
"foo {% if x %}bar{% endif %}\nbaz"
"foo\n\n  {%- if x %}bar{% endif %}"
"{% if x -%}\n\n  y\n{%- endif %}"
"{{'a'}}{%if x%}b{%endif%}{#c#}d"
"{{ '{{' }}{{ '}}' }}{{ '{%' }}"
"{{ {'a':{'b':1}}}}"
"{{ {'a':{'b':1}}.a.b }}"
"{{ [[1]]}}"
"{{ x }}}"
"{ {x} }"
"{ % if %}"
"{"
"{{"
"{%"
"{{ 'a"
"{% if x"
"a{#b"
"{% raw %}x"
"{% if x %}"
"{% endif %}"
"{% nope %}"
"{% %}"
"{{ }}"
"{{ x y }}"
"{{ x + }}"
"{{ (x }}"
"{{ x) }}"
"{{ [x }}"
"{{ {x }}"
"{{ ] }}"
"{{ x| }}"
"{{ x is }}"
"{{ x. }}"
"{{ x['a' }}"
"{{ ? }}"
"{{ $x }}"
"{{ x = 1 }}"
"{% set 1 = x %}"
"{% set true = x %}"
"{% set x.y.z = 1 %}"
"{% for in x %}{% endfor %}"
"{% for x l %}{% endfor %}"
"{% if x %}{% else %}{% elif x %}{% endif %}"
"{% if x %}{% endfor %}"
"{% set x %}"
"{% macro %}{% endmacro %}"
"{% macro f(a=1,b) %}{% endmacro %}"
"{% break %}"
"{% macro f() %}{% break %}{% endmacro %}"
"{% for i in l %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}"
"{% include 'a' %}"
"{% import 'a' as b %}"
"{% extends 'a' %}"
"{% call x %}{% endcall %}"
"{{ '\\x4' }}"
"{{ '\\N{nope}' }}"
"{{ '\\u12' }}"
"{{ f(a=1, 2) }}"
"{{ f(**d, *l) }}"
"{% if x: %}a{% endif %}"
"{% for i in l: %}{{ i }}{% endfor %}"
"{% print x %}"
"{% print x, 1 %}"
"{% do x %}"
"{{ x;y }}"
"{%- if x -%}\n a \n{%- else -%}\n b \n{%- endif -%}\n c"
"{%-if x-%}a{%-endif-%}"
"{{-x-}}"
"{{+5}}"
"{{-5}}"
"{{ -5 }}"
"{{ 5 -}}  x"
"{% if x -%} {%- endif %} x"
"a{% if x %}\n\n{% endif %}b"
"{% if true %}\r\nA\r\n{% endif %}"
"a {##} b"
"a {#-#} b"
"a {#--#} b"
"a {#+#} b"
"{#{#}x#}"
"{{ 1if x else 2 }}"
"{{ 1.5.x }}"
"{{ l.0 }}"
"{{ l.0.1 }}"
"{{ 1__0 }}"
"{{ 1_ }}"
"{{ 0x }}"
"{{ 1.e5 }}"
"{{ 1.}}"
"{{ .5 }}"
"{{ 1e5 }}{{ 1E5 }}{{ 1e-5 }}"
"{{ ø }}"
"{% set ø = 1 %}{{ ø }}"
"{{ 'a\nb' }}"
"{{ 'a' % }}"
"{% for i in l %}{{ i }},{% endfor %}"
"{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}"
"{% for i in l if i > 1 %}{{ i }}{{ loop.index }}/{{ loop.length }}{{ loop.last }} {% endfor %}"
"{% for i in [] %}x{% else %}empty{% endfor %}"
"{% for i in l if i > 9 %}x{% else %}none{% endfor %}"
"{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}"
"{% for k in d %}{{ k }}{% endfor %}"
"{% for c in s %}{{ c }}.{% endfor %}"
"{% for i in 5 %}{% endfor %}"
"{% for i in none %}{% endfor %}"
"{% for i in nope %}x{% else %}e{% endfor %}"
"{% for a, b in [(1,2),(3,4)] %}{{ a }}{{ b }};{% endfor %}"
"{% for a, b in [(1,2,3)] %}{% endfor %}"
"{% for a, (b, c) in [(1,(2,3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}"
"{% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}"
"{% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}"
"{% for i in l %}{% set y = i %}{% endfor %}{{ y }}"
"{% set y = 0 %}{% for i in l %}{% set y = y + i %}{{ y }}{% endfor %}{{ y }}"
"{% set ns = namespace(y=0) %}{% for i in l %}{% set ns.y = ns.y + i %}{% endfor %}{{ ns.y }}"
"{% set x.y = 1 %}"
"{% set nope.y = 1 %}"
"{% if x %}{% set y = 1 %}{% endif %}{{ y }}"
"{% set a, b = 1, 2 %}{{ a }}{{ b }}"
"{% set a, b = [1] %}"
"{% set a = 1, 2 %}{{ a }}"
"{% set a %}x{{ x }}{% endset %}{{ a|upper }}"
"{% set a | upper | replace('X', 'y') %}x{{ x }}{% endset %}{{ a }}"
"{% set a %}{% set q = 1 %}{% endset %}{{ q }}"
"{% filter upper %}a{{ s }}{% endfilter %}"
"{% filter replace('a','b')|upper %}a{{ s }}{% endfilter %}"
"{% with a=1, b=x %}{{ a }}{{ b }}{% set c = 3 %}{% endwith %}{{ a }}{{ c }}"
"{% with a=1 %}{% with a=2, b=a %}{{ a }}{{ b }}{% endwith %}{% endwith %}"
"{% with %}{% set q=1 %}{{ q }}{% endwith %}"
"{% for i in l %}{{ loop.cycle('a','b') }}{% endfor %}"
"{% for i in [1,1,2] %}{{ loop.changed(i) }}{% endfor %}"
"{% for i in tree recursive %}{{ loop.depth }}:{{ i.n }}[{{ loop(i.c) }}]{% endfor %}"
"{% for i in tree recursive %}{{ i.n }}{% if i.c %}({{ loop(i.c) }}){% endif %}{% else %}-{% endfor %}"
"{% for i in tree if i.n != 3 recursive %}{{ i.n }}{{ loop(i.c) }}{% endfor %}"
"{% for i in l %}{{ loop(l) }}{% endfor %}"
"{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}"
"{% for i in l|map('string') %}{{ i }}{{ loop.last }}{{ loop.length }}{% endfor %}"
"{% for i in l|reverse %}{{ i }}{{ loop.revindex }}{% endfor %}"
"{% for m in msgs[1:] %}{{ m.role }}{% endfor %}"
"{% for i in range(3) %}{{ i }}{% endfor %}"
"{% for i in l %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}"
"{{ loop }}"
"{% for i in l %}{% endfor %}{{ i }}"
"{% set i = 9 %}{% for i in l %}{% endfor %}{{ i }}"
"{% for x in l %}{{ x }}{% endfor %}{{ x }}"
"{% for i in l %}{% else %}{% set zz = 1 %}{% endfor %}{{ zz }}"
"{% for i in [] %}{% else %}{% set zz = 1 %}{% endfor %}{{ zz }}"
"{% macro f(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }} {{ f(1,3) }} {{ f(b=5,a=4) }} {{ f() }}"
"{% macro f(a) %}{{ a.x }}{% endmacro %}{{ f() }}"
"{% macro f(a) %}{% endmacro %}{{ f(1,2) }}"
"{% macro f(a) %}{% endmacro %}{{ f(b=2) }}"
"{% macro f(a) %}{% endmacro %}{{ f(1,a=2) }}"
"{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1,2,a=3) }}"
"{% macro f(a,b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}"
"{% macro f(a,b=c,c=1) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}"
"{% macro f() %}{{ x }}{% set x = 1 %}{{ x }}{% endmacro %}{{ f() }}{{ x }}"
"{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(3) }}"
"{{ f(1) }}{% macro f(n) %}{{ n }}{% endmacro %}"
"{% macro f() %}{{ y }}{% endmacro %}{% set y = 7 %}{{ f() }}"
"{% macro f() %}{{ caller() }}{% endmacro %}{% call f() %}hi{% endcall %}"
"{% macro f() %}{{ caller(1,b=2) }}{% endmacro %}{% call(a,b) f() %}{{ a }}{{ b }}{% endcall %}"
"{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}"
"{% macro f() %}x{% endmacro %}{% call f() %}hi{% endcall %}"
"{% macro f() %}{% if caller is defined %}c{% else %}n{% endif %}{% endmacro %}{{ f() }}{% call f() %}{% endcall %}"
"{% macro f(a) %}{% endmacro %}{{ f.name }}{{ f.arguments }}{{ f.catch_kwargs }}{{ f.caller }}{{ f }}"
"{% macro f() %}{% for i in l %}{{ i }}{% endfor %}{% endmacro %}{{ f()|upper }}{{ f()|length }}"
"{% for i in l %}{% macro f() %}{{ i }}{% endmacro %}{{ f() }}{% endfor %}"
"{% macro f() %}<{{ x }}>{% endmacro %}{% set y = f() %}{{ y }}{{ y ~ 'a' }}"
"{% if x %}{% macro f() %}q{% endmacro %}{% endif %}{{ f() }}"
"{% macro f(l) %}{{ l[0] }}{% endmacro %}{{ f(l) }}{{ f(*[l]) }}{{ f(**{'l': l}) }}"
"{% set f = 1 %}{{ f() }}"
"{% set msgs = msgs[1:] %}{{ msgs|length }}"
"{% for m in msgs %}{% if m.role == 'user' %}U:{{ m.content }}{% elif m['role'] == 'assistant' %}A:{{ m['content'] }}{% endif %}\n{% endfor %}"
"{% if not x is defined %}a{% else %}b{% endif %}"
"{% if x is not defined %}a{% elif x is number %}n{% endif %}"
"{% if l and d or nope %}y{% endif %}"
"{% if (x) %}y{% endif %}"
"{% if x, %}y{% endif %}"
"{% generation %}a{{ x }}{% endgeneration %}"
"{%- for i in l -%}\n  {{ i }}\n{%- endfor -%}"
"{% for i in l %}\n  {{ i }}\n{% endfor %}"
"{% for i in l -%}\n  {{ i }}\n{% endfor %}"
"{% set y = namespace() %}{% set y.a = l %}{{ y.a[0] }}{{ y.b }}"
"{% set y = namespace(a=1) %}{% set z = y %}{% set z.a = 2 %}{{ y.a }}"
"{% set ns = namespace(found=false) %}{% for i in l if not ns.found %}{% if i == 1 %}{% set ns.found = true %}{% endif %}{{ i }}{% endfor %}"
"{% set ns = namespace(found=false) %}{% for i in l if not ns.found %}{% if i == 1 %}{% set ns.found = true %}{% endif %}{{ i }}{{ loop.last }}{% endfor %}"
"{% set g = l|map('string') %}{{ g|list }}{{ g|list }}"
"{% set g = l|select('gt',1) %}{{ g|first }}{{ g|list }}"
"{% set it = d.items() %}{{ it|list }}{{ it|list }}"
"{% for k, v in d|dictsort %}{{ k }}{{ v }}{% endfor %}"
"{% for k, v in d|items %}{{ k }}{{ v }}{% endfor %}"
"{{ 'a' if x else 'b' }}{{ 'c' if not x }}"
"{% set y = [] %}{% set y = y + [1] %}{{ y }}"
"{% set _ = l.append(4) %}"
"{% set y = dict(d, c=3) %}{{ y }}{{ d }}"
"{% for i in range(100001) %}{% endfor %}"
"{{ (l|list).append(1) }}"
"{% set x = x %}{{ x }}"
"{% set q = q %}{{ q is defined }}"
"{% for i in l %}{{ q }}{% set q = i %}{% endfor %}"
"{% if false %}{% set x = 1 %}{% endif %}{{ x }}"
"{% if false %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}"
"{% for m in msgs %}{% if loop.first %}{% set x = 1 %}{% endif %}{{ x }}{% endfor %}"
"{{ '%s' % '{{ x }}' }}"
"{{ msgs[2].content }}"
"{% set a = 1 %}{% set a %}b{% endset %}{{ a }}"
"{% macro a() %}{% set z = 5 %}{% endmacro %}{{ a() }}{{ z }}"
"{% call(x) (l|first)() %}{% endcall %}"
"{% set f = 'a'.upper %}{{ f() }}"
"{{ l|map('nope')|list }}"
"{{ nope|nope }}"
"{% if false %}{{ x|nope }}{% endif %}"
"{% if false %}{{ x is nope }}{% endif %}"
"{% for i in l %}{{ loop.nope }}{% endfor %}"
"{% for i in l %}{{ loop }}{% endfor %}"
"{% set a %}1{% endset %}{{ a + 1 }}"
"{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}"
"{% for i in l %}{% set a %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endset %}{{ a }}{% endfor %}"
"{% for i in l %}{% with q = i %}{% if q == 1 %}{% continue %}{% endif %}{{ q }}{% endwith %}{% endfor %}"
"{% macro m(x) -%}\n {{ x }}\n{%- endmacro -%}\n{{ m(1) }}"
"{% set content = msgs|map(attribute='content')|join(', ') %}{{ content }}"
"{{ msgs|selectattr('role','equalto','user')|map(attribute='content')|list }}"
"{{ raise_exception('a' ~ x) }}"
"{% if raise_exception is defined %}y{% endif %}"
"{% for a in l for b in l %}{% endfor %}"
"""


class Generation(jinja2.ext.Extension):
    """transformers' tag around what an assistant says."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.Scope(body, lineno=line)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    now = datetime.datetime(2026, 1, 15, 12, 34, 56, 789000)
    env.filters.update(tojson=to_json, from_json=json.loads)
    env.globals.update(raise_exception=raise_exception, strftime_now=now.strftime)
    return env


def answer(env, template, variables):
    try:
        return {"template": template, "output": env.from_string(template).render(**copy.deepcopy(variables))}
    except Exception as e:
        return {"template": template, "error": f"{type(e).__name__}: {e}"}


def group(env, variables, templates):
    cases = ",\n".join(json.dumps(answer(env, t, variables), ensure_ascii=False) for t in templates)
    return '{"variables": ' + json.dumps(variables, ensure_ascii=False) + ',\n"cases": [\n' + cases + "\n]}"


def main():
    warnings.simplefilter("ignore")
    env = environment()
    expressions = ["{{ " + line + " }}" for line in EXPRESSIONS.strip("\n").split("\n")]
    templates = [json.loads(line) for line in TEMPLATES.strip("\n").split("\n")]
    groups = [group(env, VARIABLES, expressions), group(env, TEMPLATE_VARIABLES, templates)]
    text = "[" + ",\n".join(groups) + "]\n"
    pathlib.Path(__file__).with_name("semantics.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
