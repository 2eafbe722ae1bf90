// docs/operators.md and docs/providers say what there is beside Airflow's packages: here against the registry.
//
//   | `A`, `B` | yes | ... |       both are operators of the registry
//   | `A` | no | ... |             it is not
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "operators/registry.h"
#include "providers/register_all.h"

namespace venturi::providers {
namespace {

std::set<std::string> names_in(const std::string& text) {
  static const std::regex name("`([A-Z][A-Za-z0-9]+)`");
  std::set<std::string> names;
  for (std::sregex_iterator i(text.begin(), text.end(), name), end; i != end; ++i) names.insert((*i)[1]);
  return names;
}

operators::Registry all_operators() {
  operators::Registry registry;
  register_all(registry);
  return registry;
}

std::string text_of(const std::string& path) {
  std::ifstream file(VENTURI_SOURCE_DIR + ("/" + path));
  return {std::istreambuf_iterator<char>(file), {}};
}

// docs/operators.md, and the pages of the providers.
std::string documents() {
  std::string text = text_of("docs/operators.md");
  for (const auto& page : std::filesystem::directory_iterator(VENTURI_SOURCE_DIR "/docs/providers"))
    text += text_of("docs/providers/" + page.path().filename().string());
  return text;
}

TEST(OperatorsDocument, EachProviderHasItsPage) {
  for (const catalog::ProviderInfo& provider : all_operators().providers())
    EXPECT_TRUE(std::filesystem::exists(VENTURI_SOURCE_DIR "/docs/" + std::string(provider.page))) << provider.name;
}

TEST(OperatorsDocument, SaysWhatThereIs) {
  const operators::Registry registry = all_operators();
  std::istringstream page(documents());
  std::set<std::string> there, missing;
  int rows = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    ++rows;
    const auto first_end = line.find('|', 2);
    const std::string names = line.substr(0, first_end), rest = line.substr(first_end);
    if (rest.starts_with("| no ")) {
      missing.merge(names_in(names));
    } else if (!rest.starts_with("| tasks ") && !rest.starts_with("| notifier ") && !rest.starts_with("| hook ")) {
      there.merge(names_in(names));
    }
  }
  EXPECT_GT(rows, 25);
  for (const operators::NotifierEntry& notifier : registry.notifiers())
    there.erase(std::string(notifier.classpath.substr(notifier.classpath.rfind('.') + 1)));
  std::set<std::string> registered;
  std::istringstream list(registry.operator_names());
  for (std::string name; std::getline(list >> std::ws, name, ',');) registered.insert(name);
  EXPECT_EQ(there, registered) << "docs/operators.md with docs/providers and the registry do not have the same operators";
  for (const std::string& name : missing)
    EXPECT_EQ(registry.find_operator(name), nullptr) << name << " is there, and docs/operators.md says that it is missing";
}

// The host's side of tests/sdk/signatures_test.py: an argument that is not declared would be passed over in silence.
TEST(OperatorsDocument, TheHostTakesWhatAirflowsOperatorsTake) {
  const operators::Registry registry = all_operators();
  const std::string pages = documents();
  const Value table = parse_json(text_of("tests/oracle/tables/signatures.json")).value();
  int compared = 0;
  for (const auto& [name, cls] : table.at("classes").as_object()) {
    const operators::OperatorEntry* entry = registry.find_operator(name);
    if (entry == nullptr) continue;
    for (const auto& [parameter, otherwise] : cls.at("parameters").as_object()) {
      const bool is_there = std::ranges::any_of(entry->arguments, [&](const auto& a) { return a.name == parameter; });
      EXPECT_TRUE(is_there || pages.find("`" + parameter + "`") != std::string::npos)
          << name << " has no argument " << parameter << ", and the documents do not say so";
      ++compared;
    }
    EXPECT_EQ(Value(Array(entry->template_ext.begin(), entry->template_ext.end())), cls.at("template_ext")) << name;
    for (const Value& field : cls.at("template_fields").as_array()) {
      const auto found = std::ranges::find(entry->arguments, field.as_string(), &operators::Argument::name);
      if (found != entry->arguments.end()) EXPECT_TRUE(found->templated) << name << "." << field.as_string();
    }
  }
  EXPECT_GT(compared, 150);
}

}  // namespace
}  // namespace venturi::providers
