// XComs that are too large for the metadata, and too large at all.
#include <venturi/dag.h>
using namespace venturi;

constexpr int many = 200'000;

std::vector<std::string> texts() {  // 20 MB
  return std::vector<std::string>(many, std::string(100, 't'));
}
std::int64_t count(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (text != std::string(100, 't')) fail_task("another text");
  }
  return static_cast<std::int64_t>(texts.size());
}
std::vector<std::string> parts() {  // 4 MB, each of which goes to another task
  std::vector<std::string> parts;
  for (const char c : {'a', 'b', 'c', 'd'}) parts.emplace_back(1'000'000, c);
  return parts;
}
std::string twice(const std::string& part) {
  return part + part;
}
std::string ends(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& each : all) text += std::to_string(each.size()) + each.back() + " ";
  return text;
}
std::string over_the_limit() {
  return std::string(70UL << 20U, 'x');
}
std::string no_message() {
  return std::string(140UL << 20U, 'x');
}

VENTURI_DAG(e2e_large_xcoms, {.is_paused_upon_creation = false, .default_args = {.retries = 0}}) {
  auto given = dag.task<texts>();
  dag.task<count>()(given);
  auto list = dag.task<parts>();
  dag.task<ends>()(dag.task<twice>()(expand(list)));
  list >> dag.add(BashOperator{.task_id = "small_enough",
                               .bash_command = "echo {{ ti.xcom_pull('parts') | length }} {{ ti.xcom_pull('parts')[3][0] }}"});
  given >> dag.add(BashOperator{.task_id = "too_large_for_a_template", .bash_command = "echo {{ ti.xcom_pull('texts')[0] }}"},
                   {.retries = 3});
  dag.task<over_the_limit>();
  dag.task<no_message>();
}
