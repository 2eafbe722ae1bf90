// libFuzzer: no source crashes the parser or the evaluator, leaks, or goes on for ever; rendering twice gives the same.
// An input whose first byte is odd is text as it is; otherwise its bytes choose from fragments, which get further.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "template/airflow_context.h"
#include "template/testing/contexts.h"

namespace {

using namespace venturi;
using namespace venturi::templates;

constexpr std::array fragments = {"{{ ",
                                  " }}",
                                  "{% ",
                                  " %}",
                                  "{%- ",
                                  "-%}",
                                  "{# c #}",
                                  "\n",
                                  " ",
                                  "x",
                                  "for x in l",
                                  "endfor",
                                  "if l",
                                  "else",
                                  "endif",
                                  "elif 1",
                                  "set x = ",
                                  "set x",
                                  "endset",
                                  "set ns.y = ",
                                  "set ns = namespace(y=l)",
                                  "macro m(x, y=1)",
                                  "endmacro",
                                  "m(x)",
                                  "call(x) m()",
                                  "endcall",
                                  "caller(1)",
                                  "varargs",
                                  "kwargs",
                                  "filter upper",
                                  "endfilter",
                                  "with x = l",
                                  "endwith",
                                  "do l.append(x)",
                                  "do d.update(x=l)",
                                  "raw",
                                  "endraw",
                                  "block b",
                                  "endblock",
                                  "super()",
                                  "self.b()",
                                  "include 'a'",
                                  "extends 'a'",
                                  "import 'a' as q",
                                  "autoescape true",
                                  "endautoescape",
                                  "l",
                                  "d",
                                  "s",
                                  "n",
                                  "f",
                                  "dt",
                                  "ti",
                                  "var.value.k",
                                  "conn.c.extra",
                                  "macros.ds_add(ds, ",
                                  "loop.index",
                                  "loop(l)",
                                  "loop.changed(x)",
                                  "loop.previtem",
                                  "recursive",
                                  "(",
                                  ")",
                                  "[",
                                  "]",
                                  "{",
                                  "}",
                                  ",",
                                  ".",
                                  ":",
                                  "|",
                                  "=",
                                  "+",
                                  "-",
                                  "*",
                                  "/",
                                  "//",
                                  "%",
                                  "**",
                                  "~",
                                  "==",
                                  "<",
                                  " in ",
                                  " is ",
                                  " not ",
                                  " and ",
                                  " or ",
                                  " if ",
                                  " else ",
                                  "1",
                                  "0",
                                  "-1",
                                  "9223372036854775807",
                                  "1.5",
                                  "1e308",
                                  "'a'",
                                  "'%s'",
                                  "'{}'",
                                  "'%5.2f'",
                                  "'{:>9}'",
                                  "none",
                                  "true",
                                  "''",
                                  "[1]",
                                  "{'k': 1}",
                                  "|length",
                                  "|list",
                                  "|sort",
                                  "|map('string')",
                                  "|groupby('k')",
                                  "|batch(2)",
                                  "|slice(2)",
                                  "|join(',')",
                                  "|tojson",
                                  "|pprint",
                                  "|wordwrap(3)",
                                  "|indent",
                                  "|truncate(5)",
                                  "|round(2)",
                                  "|int",
                                  "|float",
                                  "|string",
                                  "|e",
                                  "|urlize",
                                  "|xmlattr",
                                  "|dictsort",
                                  "|unique",
                                  "|sum",
                                  "|max",
                                  "|reverse",
                                  "|default('z')",
                                  "|format(1)",
                                  "|replace('a', 'b')",
                                  "|select('odd')",
                                  "|ds",
                                  ".format(1, 2)",
                                  ".split('a')",
                                  ".items()",
                                  ".append",
                                  "[::2]",
                                  "[1:]",
                                  ".x",
                                  "[0]",
                                  ".add(days=1)",
                                  ".strftime('%c')",
                                  ".format('LLLL')",
                                  ".start_of('week')",
                                  ".in_timezone('Europe/Berlin')",
                                  " - dt",
                                  "range(9)",
                                  "cycler(l)",
                                  "joiner()",
                                  "dict(a=l)",
                                  "namespace(a=l)",
                                  "2**70",
                                  " ** 99",
                                  ".as_integer_ratio()",
                                  "|round(-3)",
                                  "|round(2, 'ceil')",
                                  "|random",
                                  "|truncate(3)",
                                  ".translate({97: 'zz'})",
                                  ".rsplit('aa')",
                                  ".find(s)",
                                  "'ΣAß\u0301Ⅷ'",
                                  ".title()",
                                  "{1: 2}",
                                  "{1, 2}",
                                  "# c",
                                  "range(9)[2:]",
                                  "(dt - dt.subtract(days=3)).range('days')",
                                  ".first_of('month')",
                                  ".date()",
                                  ".time()",
                                  "macros.dateutil.relativedelta.relativedelta(months=",
                                  "macros.timedelta(days=",
                                  "macros.datetime(2024, 1, "};

class SelfLoader final : public Loader {
 public:
  explicit SelfLoader(std::string source) : source_(std::move(source)) {}
  [[nodiscard]] std::optional<std::string> source(std::string_view name) const override {
    return name == "a" ? std::optional(source_) : std::nullopt;
  }

 private:
  const std::string source_;
};

class FuzzContext final : public Context {
 public:
  FuzzContext() {
    facts_.logical_date = facts_.data_interval_start = facts_.data_interval_end = parse_time("2024-05-06T07:08:09.5Z");
    lookups_.add(connection_request("c"), Object{{"extra", "{\"a\": [1]}"}});
  }
  [[nodiscard]] std::optional<Item> find(std::string_view name) const override {
    if (name == "l") return from_value(Array{3, "b", 1.5, nullptr, Array{1, 2}});
    if (name == "d") return from_value(Object{{"k", 1}, {"x", Array{1}}});
    if (name == "s") return Item("größe a\tb %s {} <x> www.a.org");
    if (name == "n") return Item(-7);
    if (name == "f") return Item(2.5);
    if (name == "dt") return Item(utc_datetime(*facts_.logical_date));
    return AirflowContext(facts_, lookups_).find(name);
  }

 private:
  AirflowFacts facts_;
  FetchedLookups lookups_;
};

std::string outcome(const Template& parsed, bool native) {
  try {
    if (native) return std::to_string(parsed.render_native(FuzzContext()).index());
    const auto outcome = parsed.render(FuzzContext());
    const auto* text = std::get_if<std::string>(&outcome);
    return text != nullptr ? *text : "not yet " + to_json(std::get<NotYet>(outcome).request);
  } catch (const TemplateError& error) {
    return error.what();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string source;
  if (size > 0 && data[0] % 2 == 1) {
    source.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  } else {
    for (std::size_t i = 1; i < size; ++i) source += fragments[data[i] % fragments.size()];
  }
  auto environment = std::make_shared<Environment>();
  environment->limits = {
      .steps = 20'000, .output_bytes = 1 << 20, .value_bytes = 1 << 18, .value_items = 10'000, .total_bytes = 8 << 20};
  environment->syntax.trim_blocks = size % 2 == 0;
  environment->syntax.lstrip_blocks = size % 3 == 0;
  environment->loader = std::make_shared<const SelfLoader>(source);
  environment->zones = std::make_shared<const templates::testing::BerlinZone>();
  try {
    const Template parsed(source, "fuzz", environment);
    const std::string first = outcome(parsed, false);
    if (outcome(parsed, false) != first) {
      std::fprintf(stderr, "rendered differently: %s\n", source.c_str());
      std::abort();
    }
    outcome(parsed, true);
  } catch (const TemplateError& error) {
    if (error.line() == 0) std::abort();
  }
  return 0;
}
