#include "pages/dag_cards.h"

#include <algorithm>

#include "api/bodies.h"

namespace venturi::pages {
namespace {

std::shared_ptr<const DagCard> card_of(const Dag& dag) {
  const auto card = std::make_shared<DagCard>();
  card->dag_id = dag.dag_id;
  card->title = dag.serialized.get_value("dag").get_string("dag_display_name", dag.dag_id);
  card->description = dag.description;
  card->schedule = schedule_of(dag);
  card->schedule_text = api::timetable_description(dag).is_string() ? api::timetable_description(dag).as_string() : "";
  card->tags = dag.tags;
  std::ranges::sort(card->tags);
  return card;
}

}  // namespace

Result<std::vector<std::shared_ptr<const DagCard>>> DagCards::current(store::Reader& reader) {
  const auto versions = reader.current_versions();
  if (!versions) return std::unexpected(versions.error());
  std::map<std::string, std::shared_ptr<const DagCard>> kept;
  std::vector<std::shared_ptr<const DagCard>> cards;
  for (const auto& [dag_id, version_id] : *versions) {
    auto& card = kept[version_id];
    if (const auto known = by_version_.find(version_id); known != by_version_.end()) {
      card = known->second;
    } else if (const auto dag = reader.dag_version(version_id); dag && *dag) {
      card = card_of(**dag);
    }
    if (card) cards.push_back(card);
  }
  by_version_ = std::move(kept);
  std::ranges::sort(cards, {}, [](const auto& card) -> const std::string& { return card->dag_id; });
  return cards;
}

std::string schedule_of(const Dag& dag) {
  const Value summary = api::timetable_summary(dag);
  return summary.is_string() ? summary.as_string() : std::string();
}

}  // namespace venturi::pages
