#include "lanes/yaml/partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "schedule/partition_key.h"

namespace venturi::lanes::yaml {
namespace {

constexpr int deepest = 20;  // of mappers within each other

bool has_alias(const Value& expression) {
  if (expression.get_string("__type") == "asset_alias") return true;
  const Value* of = expression.get("objects");
  return of != nullptr && std::ranges::any_of(of->as_array(), has_alias);
}

void add_assets(std::vector<Asset>& list, const Value& expression) {
  if (expression.get_string("__type") == "asset")
    list.emplace_back(expression.get_string("uri"), expression.get_string("name"), expression.get_string("group"),
                      expression.get_value("extra"));
  if (const Value* of = expression.get("objects")) {
    for (const Value& one : of->as_array()) add_assets(list, one);
  }
}

}  // namespace

struct PartitionReader::Arguments {
  std::string_view word;
  YamlMark mark;
  std::vector<std::string> keys;  // allowed_keys, segments
  std::string downstream_key, delimiter = "|";
  TemporalKeys temporal;
  std::vector<PartitionMapper> mappers;
  std::optional<PartitionMapper> upstream_mapper, downstream_mapper;
  std::optional<PartitionWindow> window;
  std::optional<WaitPolicy> wait_policy;
  bool backward = false;
  int n = 0;
  std::optional<int> max_downstream_keys;
};

namespace {

template <class M>
constexpr auto temporal = [](const auto& a) -> PartitionMapper { return M(a.temporal); };
template <class W>
constexpr auto of_time = [](const auto& a) -> PartitionWindow {
  return W(a.backward ? PartitionWindow::Direction::backward : PartitionWindow::Direction::forward);
};

template <class A>
using Makers = std::pair<std::string_view, PartitionMapper (*)(const A&)>;

// What the SDK makes of them: it knows what is left out, and how they are serialized.
template <class A>
PartitionMapper make_mapper(const A& arguments) {
  static constexpr auto makers = std::to_array<Makers<A>>(
      {{"IdentityMapper", [](const A&) -> PartitionMapper { return IdentityMapper(); }},
       {"AllowedKeyMapper", [](const A& a) -> PartitionMapper { return AllowedKeyMapper(a.keys); }},
       {"FixedKeyMapper", [](const A& a) -> PartitionMapper { return FixedKeyMapper(a.downstream_key); }},
       {"StartOfHourMapper", temporal<StartOfHourMapper>},
       {"StartOfDayMapper", temporal<StartOfDayMapper>},
       {"StartOfWeekMapper", temporal<StartOfWeekMapper>},
       {"StartOfMonthMapper", temporal<StartOfMonthMapper>},
       {"StartOfQuarterMapper", temporal<StartOfQuarterMapper>},
       {"StartOfYearMapper", temporal<StartOfYearMapper>},
       {"ProductMapper", [](const A& a) -> PartitionMapper { return ProductMapper(a.mappers, a.delimiter); }},
       {"ChainMapper", [](const A& a) -> PartitionMapper { return ChainMapper(a.mappers); }},
       {"RollupMapper",
        [](const A& a) -> PartitionMapper {
          return a.wait_policy ? RollupMapper(*a.upstream_mapper, *a.window, *a.wait_policy)
                               : RollupMapper(*a.upstream_mapper, *a.window);
        }},
       {"FanOutMapper", [](const A& a) -> PartitionMapper {
          return a.downstream_mapper ? FanOutMapper(*a.upstream_mapper, *a.window, *a.downstream_mapper)
                                     : FanOutMapper(*a.upstream_mapper, *a.window);
        }}});
  return std::ranges::find(makers, arguments.word, &Makers<A>::first)->second(arguments);
}

template <class A>
PartitionWindow make_window(const A& arguments) {
  using Maker = std::pair<std::string_view, PartitionWindow (*)(const A&)>;
  static constexpr auto makers =
      std::to_array<Maker>({{"HourWindow", of_time<HourWindow>},
                            {"DayWindow", of_time<DayWindow>},
                            {"WeekWindow", of_time<WeekWindow>},
                            {"MonthWindow", of_time<MonthWindow>},
                            {"QuarterWindow", of_time<QuarterWindow>},
                            {"YearWindow", of_time<YearWindow>},
                            {"SegmentWindow", [](const A& a) -> PartitionWindow { return SegmentWindow(a.keys); }}});
  return std::ranges::find(makers, arguments.word, &Maker::first)->second(arguments);
}

}  // namespace

std::optional<PartitionReader::Arguments> PartitionReader::read(Given given, std::string_view key, std::string_view what,
                                                                std::span<const PartitionWord> words, int depth) {
  const std::size_t before = problems_.count();
  if (depth > deepest) {
    problems_.add(given.node.mark, "partition mappers stand too deep within each other", "use fewer");
    return std::nullopt;
  }
  const YamlNode* named = given.node.is_mapping() ? given.node.find(key) : &given.node;
  if (named == nullptr) {
    problems_.add(given.node.mark, fmt::format("{} has no {}", what, quoted(key)),
                  fmt::format("name it: {{{}: {}, ...}}", key, words.front().name));
    return std::nullopt;
  }
  const auto name = values_.text({given.node.is_mapping() ? key : given.name, *named});
  if (!name) return std::nullopt;
  const auto word = std::ranges::find(words, *name, &PartitionWord::name);
  if (word == words.end()) {
    std::vector<std::string> names;
    for (const PartitionWord& known : words) names.emplace_back(known.name);
    problems_.add(named->mark, fmt::format("unknown {} {}", what.substr(what.find(' ') + 1), quoted(*name)),
                  did_you_mean(*name, names));
    return std::nullopt;
  }
  Arguments arguments;
  arguments.word = word->name;
  arguments.mark = given.node.mark;
  std::vector<std::string> known;
  for (const PartitionWord::Argument& argument : word->arguments) {
    known.emplace_back(argument.key.name);
    const YamlNode* value = given.node.is_mapping() ? given.node.find(argument.key.name) : nullptr;
    if (value != nullptr && !value->is_null())
      read_argument(arguments, argument.key, *value, depth);
    else if (argument.required)
      problems_.add(
          given.node.mark, fmt::format("{} needs {}", word->name, quoted(argument.key.name)),
          given.node.is_mapping() ? "give it" : fmt::format("write {{{}: {}, {}: ...}}", key, word->name, argument.key.name));
  }
  for (const auto& [member, value] : given.node.members) {
    if (member->text != key && std::ranges::find(known, member->text) == known.end())
      options_.unknown_key(*member, word->name, known);
  }
  return problems_.count() == before ? std::optional(std::move(arguments)) : std::nullopt;
}

void PartitionReader::read_argument(Arguments& arguments, const Key& key, const YamlNode& node, int depth) {
  const Given given{key.name, node};
  switch (key.kind) {
    case KeyKind::text:
      return read_text(arguments, given);
    case KeyKind::texts:
      for (auto& one : values_.texts(given).value_or(std::vector<Values::Text>{}))
        arguments.keys.push_back(std::move(one.text));
      return;
    case KeyKind::integer:
      if (const auto n = values_.integer(given, key.minimum)) {
        if (key.name == "n")
          arguments.n = static_cast<int>(*n);
        else
          arguments.max_downstream_keys = static_cast<int>(*n);
      }
      return;
    case KeyKind::window_direction:
      arguments.backward = values_.word(given, "direction", window_direction_words()) == "backward";
      return;
    case KeyKind::partition_mapper:
      (key.name == "upstream_mapper" ? arguments.upstream_mapper : arguments.downstream_mapper) = mapper(given, depth + 1);
      return;
    case KeyKind::partition_mappers:
      if (!node.is_sequence()) return values_.refuse(given, "a list of partition mappers");
      for (const YamlNode* item : node.items) {
        if (auto one = mapper({key.name, *item}, depth + 1)) arguments.mappers.push_back(std::move(*one));
      }
      return;
    case KeyKind::partition_window:
      arguments.window = window(given, depth + 1);
      return;
    default:
      arguments.wait_policy = policy(given, depth + 1);
  }
}

void PartitionReader::read_text(Arguments& arguments, Given given) {
  auto text = values_.text(given);
  if (!text) return;
  if (given.name == "timezone") {
    if (const auto fine = calendar_.check_zone(*text); !fine)
      return problems_.add(given.node.mark, fine.error().what, fine.error().hint);
  } else if (given.name.ends_with("_format")) {
    if (const auto fine = schedule::check_key_format(*text); !fine)
      return problems_.add(given.node.mark, quoted(given.name) + ": " + fine.error().what, fine.error().hint);
  }
  std::string& into = given.name == "timezone"         ? arguments.temporal.timezone
                      : given.name == "input_format"   ? arguments.temporal.input_format
                      : given.name == "output_format"  ? arguments.temporal.output_format
                      : given.name == "downstream_key" ? arguments.downstream_key
                                                       : arguments.delimiter;
  into = std::move(*text);
}

std::optional<PartitionMapper> PartitionReader::mapper(Given given, int depth) {
  const auto arguments = read(given, "mapper", "a partition mapper", partition_mapper_words(), depth);
  if (!arguments) return std::nullopt;
  try {
    PartitionMapper made = make_mapper(*arguments);
    if (arguments->max_downstream_keys) made = made.max_downstream_keys(*arguments->max_downstream_keys);
    const auto fine = calendar_.check_mapper(made.serialized());
    if (fine) return made;
    problems_.add(given.node.mark, fine.error().what, fine.error().hint);
  } catch (const std::invalid_argument& e) {  // of a window whose members have no keys of their own
    problems_.add(given.node.mark, e.what(), "write `downstream_mapper`");
  }
  return std::nullopt;
}

std::optional<PartitionWindow> PartitionReader::window(Given given, int depth) {
  const auto arguments = read(given, "window", "a window", partition_window_words(), depth);
  if (!arguments) return std::nullopt;
  return make_window(*arguments);
}

std::optional<WaitPolicy> PartitionReader::policy(Given given, int depth) {
  const auto arguments = read(given, "wait_policy", "a wait policy", wait_policy_words(), depth);
  if (!arguments) return std::nullopt;
  if (arguments->word == "WaitForAll") return WaitForAll();
  return MinimumCount(arguments->n);
}

std::vector<std::pair<Asset, PartitionMapper>> PartitionReader::config(Given given, const AssetExpression& assets) {
  std::vector<std::pair<Asset, PartitionMapper>> all;
  if (!given.node.is_mapping()) {
    values_.refuse(given, "a mapping of assets", "write {s3://lake/orders: {mapper: StartOfDayMapper}}");
    return all;
  }
  std::vector<Asset> known;
  add_assets(known, assets.serialized());
  for (const auto& [key, member] : given.node.members) {
    auto made = mapper({key->text, *member});
    const auto asset =
        std::ranges::find_if(known, [&](const Asset& one) { return one.uri == key->text || one.name == key->text; });
    if (asset != known.end()) {
      if (made) all.emplace_back(*asset, std::move(*made));
    } else if (has_alias(assets.serialized())) {  // whatever comes through it
      if (made) all.emplace_back(Asset(key->text), std::move(*made));
    } else {
      std::vector<std::string> names;
      for (const Asset& one : known) names.push_back(one.uri);
      problems_.add(key->mark, "the schedule has no asset " + quoted(key->text), did_you_mean(key->text, names));
    }
  }
  return all;
}

}  // namespace venturi::lanes::yaml
