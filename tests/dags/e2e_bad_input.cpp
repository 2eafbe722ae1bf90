// What users write by mistake, each in a task of its own; and `other`, which shares their operator host and goes on.
#include <venturi/dag.h>

#include <cmath>
using namespace venturi;
using namespace std::chrono_literals;

namespace {

const TaskOptions twice{.retries = 1, .retry_delay = 10ms};

template <class Dag>
void render(Dag& dag, const char* task_id, const char* text) {
  dag.add(BashOperator{.task_id = task_id, .bash_command = std::string("echo ") + text}, twice);
}

double no_number() {
  return std::nan("");
}
std::string no_text() {
  return "caf\xe9";
}
void take(const Context& context, const std::string& text) {
  context.log().info("took '", text, "'");
}

}  // namespace

VENTURI_DAG(e2e_bad_templates, {.is_paused_upon_creation = false}) {
  // Without an end, or too much.
  render(dag, "loops", "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}");
  render(dag, "recursion", "{% macro again(n) %}{{ again(n + 1) }}{% endmacro %}{{ again(1) }}");
  render(dag, "times", "{{ 'x' * 10 ** 12 }}");
  render(dag, "list_times", "{{ [0] * 10 ** 10 }}");
  render(dag, "copies", "{% set s = 'x' * 4000000 %}{% for i in range(1000) %}{% set t = s ~ i %}{% endfor %}");
  render(dag, "replaces", "{{ ('a' * 1000000) | replace('a', 'b' * 1000) }}");
  render(dag, "pads", "{{ 'x' | center(10 ** 9) }}");
  render(dag, "formats", "{{ '%1000000000d' % 1 }}");
  render(dag, "ranges", "{{ range(10 ** 9) | list }}");
  // What is not there.
  render(dag, "filter", "{{ ds | upperr }}");
  render(dag, "test", "{{ ds is oddd }}");
  render(dag, "syntax", "{% if %}x{% endif %}");
  render(dag, "name", "{{ nothing }}");
  render(dag, "attribute", "{{ params.region.name }}");
  render(dag, "run_attribute", "{{ dag_run.nothing }}");
  render(dag, "macro", "{{ macros.nothing(ds) }}");
  render(dag, "call", "{{ nothing() }}");
  render(dag, "variable", "{{ var.value.nothing }}");
  render(dag, "connection", "{{ conn.nothing.host }}");
  // What does not go together.
  render(dag, "zero", "{{ 1 / 0 }}");
  render(dag, "types", "{{ 'a' + 1 }}");
  render(dag, "other", "{{ run_id }}");
}

VENTURI_DAG(e2e_bad_output, {.is_paused_upon_creation = false}) {
  const auto bash = [&](const char* task_id, const char* command) {
    return dag.add(BashOperator{.task_id = task_id, .bash_command = command}, {.retries = 1, .retry_delay = 10ms});
  };
  dag.task<take>("take_no_text")(dag.task<no_text>());
  dag.task<no_number>();
  dag.task<take>("take_binary")(bash("binary", "printf 'a\\000\\377\\376b\\n'"));
  dag.task<take>("take_nothing")(bash("errors_alone", "echo of no use >&2"));
  bash("endless_line", "head -c 3000000 /dev/zero | tr '\\0' x");
  bash("gigabytes", "yes 'a line like any other' | head -c 200000000; echo the end");
  bash("other", "echo ok");
}

VENTURI_DAG(e2e_bad_params,
            {.is_paused_upon_creation = false,
             .params = {
                 {"day", Param{.value = nullptr, .schema = {{"type", Array{"null", "string"}}, {"format", "date"}}}},
                 {"limit", Param{.value = 10, .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", 100}}}},
                 {"name", Param{.value = "a", .schema = {{"type", "string"}, {"pattern", "^[a-z]{1,8}$"}}}},
                 {"to", Param{.schema = {{"type", "array"}, {"items", Object{{"type", "string"}, {"format", "email"}}}}}}}}) {
  dag.add(BashOperator{.task_id = "say", .bash_command = "echo '{{ params.to | join(\" \") }} {{ params.day }}'"});
}
