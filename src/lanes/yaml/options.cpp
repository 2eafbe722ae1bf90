#include "lanes/yaml/options.h"

#include <algorithm>
#include <array>
#include <utility>

namespace venturi::lanes::yaml {
namespace {

template <class T>
using Members = std::pair<std::string_view, T TaskOptions::*>;

constexpr Members<std::string> text_members[] = {{"owner", &TaskOptions::owner},
                                                 {"pool", &TaskOptions::pool},
                                                 {"queue", &TaskOptions::queue},
                                                 {"doc_md", &TaskOptions::doc_md},
                                                 {"map_index_template", &TaskOptions::map_index_template}};
constexpr Members<Option<bool>> flag_members[] = {{"depends_on_past", &TaskOptions::depends_on_past},
                                                  {"ignore_first_depends_on_past", &TaskOptions::ignore_first_depends_on_past},
                                                  {"wait_for_downstream", &TaskOptions::wait_for_downstream}};
constexpr Members<Date> date_members[] = {{"start_date", &TaskOptions::start_date}, {"end_date", &TaskOptions::end_date}};
constexpr Members<Option<int>> integer_members[] = {{"retries", &TaskOptions::retries},
                                                    {"retries_on_loss", &TaskOptions::retries_on_loss},
                                                    {"max_active_tis_per_dag", &TaskOptions::max_active_tis_per_dag},
                                                    {"max_active_tis_per_dagrun", &TaskOptions::max_active_tis_per_dagrun},
                                                    {"pool_slots", &TaskOptions::pool_slots},
                                                    {"priority_weight", &TaskOptions::priority_weight}};
constexpr Members<Option<Duration>> duration_members[] = {{"retry_delay", &TaskOptions::retry_delay},
                                                          {"max_retry_delay", &TaskOptions::max_retry_delay},
                                                          {"execution_timeout", &TaskOptions::execution_timeout}};
constexpr Members<Callbacks> callback_members[] = {{"on_success_callback", &TaskOptions::on_success_callback},
                                                   {"on_failure_callback", &TaskOptions::on_failure_callback},
                                                   {"on_retry_callback", &TaskOptions::on_retry_callback},
                                                   {"on_skipped_callback", &TaskOptions::on_skipped_callback}};

template <class T, std::size_t n>
T TaskOptions::* member_of(const Members<T> (&members)[n], std::string_view name) {
  return std::ranges::find(members, name, &Members<T>::first)->second;
}

std::size_t position(std::span<const std::string_view> words, std::string_view word) {
  return static_cast<std::size_t>(std::ranges::find(words, word) - words.begin());
}

bool is_operator_argument(std::string_view name) {
  return std::ranges::any_of(catalog::operators(),
                             [&](const catalog::OperatorInfo& op) { return find_argument(op, name) != nullptr; });
}

}  // namespace

// Also by Airflow's path to it, of which the last part counts: airflow.providers.standard.operators.bash.BashOperator.
const catalog::OperatorInfo* find_operator(std::string_view name) {
  if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
  return catalog::find_operator(name);
}

const catalog::ArgumentInfo* find_argument(const catalog::OperatorInfo& info, std::string_view name) {
  static constexpr catalog::ArgumentInfo do_xcom_push{.name = "do_xcom_push", .type = catalog::ArgumentType::boolean};
  const auto found = std::ranges::find(info.arguments, name, &catalog::ArgumentInfo::name);
  if (found != info.arguments.end()) return &*found;
  return name == do_xcom_push.name ? &do_xcom_push : nullptr;
}

void OptionReader::unknown_key(const YamlNode& key, std::string_view of, std::span<const std::string> names) {
  std::string hint(advice_for(key.text));
  if (hint.empty()) hint = did_you_mean(key.text, names);
  problems_.add(key.mark, std::string(of) + " has no key " + quoted(key.text), std::move(hint));
}

void OptionReader::set(TaskOptions& options, const Key& key, const YamlNode& node) {
  const Given given{key.name, node};
  if (key.kind != KeyKind::callbacks && node.is_null()) return;
  switch (key.kind) {
    case KeyKind::text:
      if (auto text = values_.text(given)) options.*member_of(text_members, key.name) = std::move(*text);
      return;
    case KeyKind::flag:
      if (const auto flag = values_.flag(given)) options.*member_of(flag_members, key.name) = *flag;
      return;
    case KeyKind::date:
      if (auto text = values_.text(given)) options.*member_of(date_members, key.name) = Date(std::move(*text));
      return;
    case KeyKind::integer:
      if (const auto n = values_.integer(given, key.minimum))
        options.*member_of(integer_members, key.name) = static_cast<int>(*n);
      return;
    case KeyKind::duration:
      if (const auto d = values_.duration(given)) options.*member_of(duration_members, key.name) = *d;
      return;
    case KeyKind::number:  // retry_exponential_backoff: before Airflow 3.2 true, which meant 2
      if (node.value.is_bool())
        options.retry_exponential_backoff = node.value.as_bool() ? 2.0 : 0.0;
      else if (const auto n = values_.number(given, 0))
        options.retry_exponential_backoff = *n;
      return;
    case KeyKind::trigger_rule:
      if (const auto word = values_.word(given, "trigger rule", trigger_rule_words()))
        options.trigger_rule = static_cast<TriggerRule>(position(trigger_rule_words(), *word));
      return;
    case KeyKind::weight_rule:
      if (const auto word = values_.word(given, "weight rule", weight_rule_words()))
        options.weight_rule = static_cast<WeightRule>(position(weight_rule_words(), *word));
      return;
    case KeyKind::callbacks:
      options.*member_of(callback_members, key.name) = callbacks(given);
      return;
    case KeyKind::assets:
    case KeyKind::inlets:
      (key.name == "outlets" ? options.outlets : options.inlets) = assets(given);
      return;
    default:
      return;
  }
}

DefaultArgs OptionReader::default_args(const YamlNode& node) {
  DefaultArgs read;
  if (node.is_null()) return read;
  if (!node.is_mapping()) {
    values_.refuse({"default_args", node}, "a mapping of options");
    return read;
  }
  for (const auto& [key, member] : node.members) {
    const Key* option = find_key(option_keys(), key->text);
    if (option != nullptr && option->kind == KeyKind::params) {
      read.params = params({key->text, *member});
    } else if (option != nullptr && option->name != "do_xcom_push") {
      set(read.options, *option, *member);
    } else if (is_operator_argument(key->text)) {
      read.arguments[key->text] = member;
    } else {
      std::vector<std::string> names;
      add_names(names, option_keys());
      unknown_key(*key, "default_args", names);
    }
  }
  return read;
}

Callbacks OptionReader::callbacks(Given given) {
  Callbacks all(std::initializer_list<Callback>{});  // given, be it empty: nothing of default_args
  if (given.node.is_sequence()) {
    for (const YamlNode* item : given.node.items) add_callback(all, {given.name, *item});
  } else if (!given.node.is_null()) {
    add_callback(all, given);
  }
  return all;
}

void OptionReader::add_callback(Callbacks& callbacks, Given given) {
  if (!given.node.is_mapping() || given.node.find("notifier") == nullptr)
    return values_.refuse(given, "a notifier, or a list of them", "write {notifier: SmtpNotifier, to: ops@example.com}");
  std::vector<BuiltIn> notifiers;
  for (const catalog::NotifierInfo& n : catalog::notifiers()) notifiers.push_back({n.name, n.classpath, &n.arguments});
  if (auto found = built_in(given.node, "notifier", notifiers, {}))
    callbacks.add(Callback(Notifier{std::move(found->first), std::move(found->second)}));
}

std::optional<std::pair<std::string, Object>> OptionReader::built_in(const YamlNode& node, std::string_view word,
                                                                     std::span<const BuiltIn> all,
                                                                     std::span<const std::string_view> beside) {
  const YamlNode& name = *node.find(word);
  const auto text = values_.text({word, name});
  if (!text) return std::nullopt;
  const auto info = std::ranges::find_if(all, [&](const BuiltIn& one) { return one.name == *text || one.classpath == *text; });
  if (info == all.end()) {
    std::vector<std::string> names;
    for (const BuiltIn& one : all) names.emplace_back(one.name);
    problems_.add(name.mark, "unknown " + std::string(word) + " " + quoted(*text), did_you_mean(*text, names));
    return std::nullopt;
  }
  Object kwargs;
  ArgumentReader reader(problems_, nullptr);
  for (const auto& [key, member] : node.members) {
    if (key->text == word || std::ranges::find(beside, key->text) != beside.end()) continue;
    const auto argument = std::ranges::find(*info->arguments, key->text, &catalog::ArgumentInfo::name);
    if (argument == info->arguments->end()) {
      std::vector<std::string> names(beside.begin(), beside.end());
      for (const catalog::ArgumentInfo& known : *info->arguments) names.emplace_back(known.name);
      unknown_key(*key, info->name, names);
    } else if (auto value = reader.read(*argument, *member)) {
      kwargs.add(key->text, std::move(*value));
    }
  }
  for (const catalog::ArgumentInfo& argument : *info->arguments) {
    if (argument.required && node.find(argument.name) == nullptr)
      problems_.add(node.mark, std::string(info->name) + " needs " + quoted(argument.name), "give it");
  }
  return std::pair(std::string(info->classpath), std::move(kwargs));
}

// name: 5, or name: {default: 5, type: integer, maximum: 10, description: ...} with the words of JSON schema.
Value OptionReader::params(Given given) {
  if (given.node.is_null()) return {};
  if (!given.node.is_mapping()) {
    values_.refuse(given, "a mapping of names and defaults");
    return {};
  }
  Array list;
  for (const auto& [key, member] : given.node.members) {
    if (auto one = param(*member)) list.push_back(Array{Value(key->text), std::move(*one)});
  }
  return list;
}

std::optional<Value> OptionReader::param(const YamlNode& node) {
  const ArgumentReader::Reference none = [this](const YamlNode& reference) -> std::optional<Value> {
    problems_.add(reference.mark, "a param cannot be what a task gives", "give its default");
    return std::nullopt;
  };
  ArgumentReader reader(problems_, none);
  Value fallback = Object{{"__type", "arg_not_set"}, {"__var", nullptr}};
  Value description;
  Object schema;
  if (!node.is_mapping()) {
    auto value = reader.any(node);
    if (!value) return std::nullopt;
    fallback = std::move(*value);
  } else {
    for (const auto& [key, member] : node.members) {
      auto value = reader.any(*member);
      if (!value) return std::nullopt;
      if (key->text == "default")
        fallback = std::move(*value);
      else if (key->text == "description")
        description = std::move(*value);
      else
        schema.add(key->text, std::move(*value));
    }
  }
  return Object{{"__class", "airflow.sdk.definitions.param.Param"},
                {"default", std::move(fallback)},
                {"description", std::move(description)},
                {"schema", Object{{"__type", "dict"}, {"__var", std::move(schema)}}},
                {"source", nullptr}};
}

}  // namespace venturi::lanes::yaml
