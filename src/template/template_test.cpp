// What the tables do not show: places of errors, limits, requests, values, native results.
#include "template/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "template/dict.h"
#include "template/operators.h"
#include "template/testing/contexts.h"

namespace venturi::templates {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::MapContext;

std::shared_ptr<Environment> environment_with(Limits limits = {}) {
  auto environment = std::make_shared<Environment>();
  environment->limits = limits;
  return environment;
}

std::string render(std::string_view source, const Context& context = MapContext(),
                   std::shared_ptr<const Environment> environment = environment_with()) {
  return std::get<std::string>(Template(source, "template of bash_command", std::move(environment)).render(context));
}

// The error's message; empty where there is none.
std::string error_of(std::string_view source, Limits limits = {}, const Context& context = MapContext()) {
  try {
    render(source, context, environment_with(limits));
    return {};
  } catch (const TemplateError& error) {
    return error.what();
  }
}

ErrorKind kind_of(std::string_view source, Limits limits = {}) {
  try {
    render(source, MapContext(), environment_with(limits));
  } catch (const TemplateError& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error: " << source;
  return ErrorKind::runtime;
}

std::string repeated(std::string_view text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST(Template, ErrorsNameTheTemplateAndTheLine) {
  EXPECT_EQ(error_of("a\n{{ undefined_name }}"), "'undefined_name' is undefined (template of bash_command, line 2)");
  EXPECT_EQ(error_of("{% if true %}\n\n{{ 1 / 0 }}{% endif %}"), "division by zero (template of bash_command, line 3)");
  EXPECT_EQ(error_of("\n{% macro m() %}\n{{ nope }}{% endmacro %}\n{{ m() }}"),
            "'nope' is undefined (template of bash_command, line 3)");
  EXPECT_EQ(error_of("\n{% macro m() %}\n{% endmacro %}\n{{ m() + 1 }}"),
            "can only concatenate str (not \"int\") to str (template of bash_command, line 4)");
  EXPECT_EQ(error_of("{{ 'x' }}\n{% if %}"),
            "Expected an expression, got 'end of statement block' (template of bash_command, line 2)");
  EXPECT_EQ(error_of("{{ 'x' | uper }}"), "No filter named 'uper'. Did you mean 'upper'? (template of bash_command, line 1)");
  EXPECT_THAT(error_of("{{ [\n1,\n2 }}"), HasSubstr("line 3"));
  EXPECT_THAT(error_of("{% for x in [1] %}"), AllOf(HasSubstr("'endfor'"), HasSubstr("that needs to be closed is 'for'")));
}

TEST(Template, ErrorsOfIncludedTemplatesNameThose) {
  struct OneTemplate : Loader {
    [[nodiscard]] std::optional<std::string> source(std::string_view) const override { return "\n\n{{ nope }}"; }
  };
  auto environment = environment_with();
  environment->loader = std::make_shared<const OneTemplate>();
  try {
    render("{% include 'other.sql' %}", MapContext(), environment);
    FAIL();
  } catch (const TemplateError& error) {
    EXPECT_STREQ(error.what(), "'nope' is undefined (other.sql, line 3)");
    EXPECT_EQ(error.line(), 3);
  }
}

TEST(Template, Limits) {
  EXPECT_THAT(error_of("{% for i in range(1000) %}{% for j in range(1000) %}x{% endfor %}{% endfor %}", {.steps = 1000}),
              AllOf(HasSubstr("limit steps = 1000"), HasSubstr("line 1")));
  EXPECT_THAT(error_of("{% for i in range(100) %}0123456789{% endfor %}", {.output_bytes = 100}),
              HasSubstr("output_bytes = 100"));
  EXPECT_THAT(error_of("\n{{ 'x' * 10**9 }}"), AllOf(HasSubstr("value_bytes = 16777216"), HasSubstr("line 2")));
  EXPECT_THAT(error_of("{{ [1] * 10**9 }}"), HasSubstr("value_items"));
  EXPECT_THAT(error_of("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"), HasSubstr("limit depth"));
  for (const char* source :
       {"{{ 'x'.center(10**9) }}",
        "{{ 'x'.ljust(10**15) }}",
        "{{ 'x'.zfill(10**18) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%.1000000000f' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:.1000000000f}'.format(1.0) }}",
        "{{ '%*d' % (10**9, 1) }}",
        "{{ 'a\nb'|indent(10**9) }}",
        "{{ '\t'.expandtabs(10**9) }}",
        "{{ ('x'*10**6).replace('x', 'y'*1000) }}",
        "{{ ('x'*10**6).replace('', 'y'*1000) }}",
        "{{ ('x'*10**6)|list|join('y'*1000) }}",
        "{{ (['x'*10**6]*10**4)|string }}",
        "{{ [['x'*10**6]*10**4]|string }}",
        "{{ [['x'*10**6]*10**4]|tojson }}",
        "{{ [1]|batch(10**9, 0)|list }}",
        "{{ [1]|slice(10**9)|list }}",
        "{% set ns = namespace(x='x'*100000) %}{% for i in range(99999) %}{% set ns.x = ns.x ~ 'y' %}{% endfor %}",
        "{% set l = [] %}{% for i in range(1100) %}{% do l.extend(range(1000)) %}{% endfor %}"}) {
    EXPECT_EQ(kind_of(source), ErrorKind::limit) << source;
  }
  EXPECT_EQ(kind_of("{{ range(10**9) }}"), ErrorKind::overflow);
  for (const char* source :
       {"{{ 2 ** 9999999 }}", "{{ 9 ** (9 ** 9) }}", "{{ 9 ** (9 ** (9 ** 9)) }}", "{{ 1 if (3 ** 30000) * (3 ** 30000) }}"}) {
    EXPECT_EQ(kind_of(source), ErrorKind::limit) << source;
  }
  EXPECT_EQ(kind_of("{{ 7 ** 9999 }}"), ErrorKind::value);  // Python writes 4,300 digits at most
}

// What costs the product of two lengths where it is done simply.
TEST(Template, NothingIsQuadratic) {
  const auto begin = std::chrono::steady_clock::now();
  constexpr std::string_view texts = "{% set s = 'a' * 2000000 %}{% set t = 'a' * 1000000 ~ 'b' %}";
  for (const char* used : {"t in s", "s.find(t)", "s.rfind(t)", "s.count(t)", "s.replace(t, 'x')|length", "s.split(t)|length",
                           "s.rsplit(t)|length", "s.partition(t)|length", "s.rpartition(t)|length"}) {
    render(std::string(texts) + "{{ " + used + " }}");
  }
  EXPECT_EQ(kind_of("{% set s = 'ab' * 8000000 %}{% for i in range(99999) %}{{ s[i * 100] }}{% endfor %}"), ErrorKind::limit);
  render("{{ ('-' * 200000)|wordwrap(9)|length }}{{ ('x' * 200000)|wordwrap(1)|length }}");
  render("{% set d = {} %}{% for i in range(50000) %}{% do d.update([(i * 65536, 1)]) %}{% endfor %}{{ d|length }}");
  EXPECT_EQ(render("{% set l = [] %}{% for i in range(50000) %}{% do l.append(i) %}{% endfor %}{{ l|length }}"), "50000");
  EXPECT_EQ(
      render("{% set d = {}.fromkeys(range(50000)) %}{% for i in range(50000) %}{% if d.get(i) %}x{% endif %}{% endfor %}"),
      "");
  EXPECT_EQ(kind_of("{% set l = [] %}{% for i in range(99999) %}{% do l.insert(0, i) %}{% endfor %}"), ErrorKind::limit);
  EXPECT_EQ(kind_of("{% set s = '&' * 9000000 %}{{ s|forceescape }}"), ErrorKind::limit);
  EXPECT_EQ(kind_of("{{ ('www.a.org ' * 100000)|urlize(target='x' * 100000) }}"), ErrorKind::limit);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));  // a few, on a machine that does nothing else
}

TEST(Template, NoInputOverflowsTheStack) {
  constexpr std::size_t n = 20'000;
  for (const auto& [begin, end] : {std::pair<const char*, const char*>{"(", ")"},
                                   {"[", "]"},
                                   {"-", ""},
                                   {"not ", ""},
                                   {"{1:", "}"},
                                   {"f(", ")"},
                                   {"a[", "]"},
                                   {"1 if ", ""},
                                   {"1 if 1 else ", ""},
                                   {"x|f(", ")"},
                                   {"1 is in ", ""}}) {
    EXPECT_NE(error_of("{{ " + repeated(begin, n) + "1" + repeated(end, n) + " }}"), "") << begin;
  }
  for (const char* tag :
       {"{% if 1 %}", "{% for x in y %}", "{% filter upper %}", "{% with %}", "{% set x %}", "{% macro m() %}"}) {
    EXPECT_NE(error_of(repeated(tag, n)), "") << tag;
  }
  EXPECT_NE(error_of("{% set " + repeated("(", n) + "a" + repeated(")", n) + " = 1 %}"), "");
  // Long, but not deep.
  EXPECT_EQ(render("{{ 0" + repeated(" + 1", n) + " }}"), "20000");
  EXPECT_EQ(render("{{ 'a'" + repeated("|upper|lower", 1000) + " }}"), "a");
  EXPECT_EQ(render("{{ 1" + repeated(" and 1", n) + " }}"), "1");
  EXPECT_EQ(render("{{ ''" + repeated(" ~ 'x'", 10) + " }}"), "xxxxxxxxxx");
}

TEST(Template, DeepValuesAreFreedAndRefused) {
  constexpr std::string_view nest = "{% set ns = namespace(x=1) %}{% for i in range(400) %}{% set ns.x = ";
  for (const char* wrapped :
       {"[ns.x]", "(ns.x,)", "{1: ns.x}", "[ns.x].append", "{1: ns.x}.items()", "cycler(ns.x)", "[ns.x]|map('default')"}) {
    EXPECT_EQ(render(std::string(nest) + wrapped + " %}{% endfor %}done"), "done") << wrapped;
  }
  // Without a loop, which would cost steps.
  EXPECT_EQ(render("{% set x = 1 %}" + repeated("{% set x = [x] %}", 50'000) + "done"), "done");
  for (const char* used : {"ns.x|string", "ns.x == [ns.x]", "ns.x|tojson", "ns.x|pprint"}) {
    EXPECT_EQ(kind_of(std::string(nest) + "[ns.x] %}{% endfor %}{{ " + used + " }}"), ErrorKind::limit) << used;
  }
  // Small in memory, endless to write.
  constexpr std::string_view doubled =
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}";
  EXPECT_EQ(kind_of(std::string(doubled) + "{{ ns.x }}"), ErrorKind::limit);
  EXPECT_EQ(kind_of("{% set l = [] %}{% do l.append(l) %}"), ErrorKind::value);
  EXPECT_EQ(kind_of("{% set l = [] %}{% do l.append([{'a': l}]) %}"), ErrorKind::value);
  EXPECT_EQ(kind_of("{% set d = {} %}{% do d.update(a=[d.items()]) %}"), ErrorKind::value);
  EXPECT_EQ(kind_of("{% set ns = namespace() %}{% set ns.x = [ns] %}"), ErrorKind::value);
}

TEST(Template, WhatOutlivesItsLoop) {
  EXPECT_EQ(kind_of("{% set ns = namespace() %}{% for i in [1] %}{% set ns.l = loop %}{% endfor %}{{ ns.l.index }}"),
            ErrorKind::runtime);
  EXPECT_EQ(kind_of("{% set ns = namespace() %}{% for i in [1] %}{% set ns.c = loop.changed %}{% endfor %}{{ ns.c(1) }}"),
            ErrorKind::runtime);
  EXPECT_EQ(render("{% set ns = namespace() %}{% for i in [7] %}{% macro m() %}{{ i }}{% endmacro %}{% set ns.m = m %}{% "
                   "endfor %}{{ ns.m() }}"),
            "7");
}

// A variable that has to be fetched first.
class Fetching final : public Context {
 public:
  std::map<std::string, Item, std::less<>> fetched;
  [[nodiscard]] std::optional<Item> find(std::string_view name) const override {
    if (const auto found = fetched.find(name); found != fetched.end()) return found->second;
    throw NotYet{Object{{"name", name}}};
  }
};

TEST(Template, NotYetIsAnOutcome) {
  const Template parsed("{% macro m() %}{{ a }}{% endmacro %}{{ m() }}{{ b | default('x') }}", "t", environment_with());
  Fetching context;
  EXPECT_EQ(std::get<NotYet>(parsed.render(context)).request, (Object{{"name", "a"}}));
  context.fetched.emplace("a", Item(1));
  EXPECT_EQ(std::get<NotYet>(parsed.render(context)).request, (Object{{"name", "b"}}));
  context.fetched.emplace("b", Item("two"));
  EXPECT_EQ(std::get<std::string>(parsed.render(context)), "1two");
  EXPECT_EQ(repr(std::get<Item>(parsed.render_native(context))), "'1two'");
}

TEST(Template, RenderingChangesNothing) {
  const MapContext context(Object{{"l", Array{1, 2}}});
  const Template parsed("{% do l.append(3) %}{{ l }}{{ [1, 2, 3, 4] | random }}", "t", environment_with());
  const std::string first = std::get<std::string>(parsed.render(context));
  std::vector<std::thread> threads;
  std::array<std::string, 4> texts;
  for (std::string& text : texts) threads.emplace_back([&] { text = std::get<std::string>(parsed.render(context)); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, first);
  EXPECT_THAT(first, HasSubstr("[1, 2, 3]"));
}

TEST(Template, NativeResults) {
  const auto native = [](std::string_view source) {
    return std::get<Item>(Template(source, "t", environment_with())
                              .render_native(MapContext(Object{{"d", Object{{"a", Array{1, 2.5, nullptr}}}}})));
  };
  EXPECT_EQ(to_value(native("{{ d }}")), (Object{{"a", Array{1, 2.5, nullptr}}}));
  EXPECT_EQ(to_value(native("{{ 1 }}{{ 2 }}")), Value(12));
  EXPECT_EQ(to_value(native("{'x': {{ d.a[0] }}}")), (Object{{"x", 1}}));
  EXPECT_EQ(to_value(native("x={{ 1 }}")), Value("x=1"));
  EXPECT_TRUE(native("").is_none());
  EXPECT_THROW(native("{% macro m() %}{% endmacro %}{{ m }}"), TemplateError);
  EXPECT_THROW(native("{{ [d.items] }}"), TemplateError);
  EXPECT_THROW(native("{{ nope }}"), TemplateError);
}

TEST(Item, ConvertsToAndFromValues) {
  const Value value =
      Object{{"null", nullptr}, {"t", true}, {"i", -5}, {"r", 0.5}, {"s", "ä"}, {"l", Array{1, Array{}}}, {"o", Object()}};
  EXPECT_EQ(to_value(from_value(value)), value);
  auto dict = std::make_shared<Dict>();
  dict->set(1, Item::tuple({1, 2}));
  dict->set(true, "the same key");
  dict->set({}, utc_datetime(*parse_time("2024-01-02T03:04:05Z")));
  EXPECT_EQ(to_value(dict), (Object{{"1", "the same key"}, {"null", "2024-01-02T03:04:05+00:00"}}));
  EXPECT_THROW(static_cast<void>(to_value(TimeDelta{1})), TemplateError);
  EXPECT_THROW(static_cast<void>(to_value(Item::undefined("'x' is undefined"))), TemplateError);
}

TEST(Dict, KeepsOrderAndFindsAmongMany) {
  Dict dict;
  for (int i = 0; i < 1000; ++i) dict.set(i, i * 2);
  for (int i = 0; i < 1000; i += 2) EXPECT_TRUE(dict.erase(i));
  EXPECT_EQ(dict.size(), 500U);
  EXPECT_EQ(dict.find(Item(4)), nullptr);
  ASSERT_NE(dict.find(Item(5.0)), nullptr);
  EXPECT_EQ(dict.find(Item(5.0))->as_integer(), 10);
  EXPECT_EQ(dict.begin()->key.as_integer(), 1);
  EXPECT_THROW(static_cast<void>(dict.find(Item::list({}))), TemplateError);
}

}  // namespace
}  // namespace venturi::templates
