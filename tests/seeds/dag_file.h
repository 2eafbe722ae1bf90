// DAGs by chance, as files of a DAGs folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/dag.h"
#include "model/records.h"
#include "seeds/random.h"

namespace venturi::seeds {

inline constexpr int most_assets = 3;
inline constexpr int most_aliases = 2;
// What a try that succeeds adds to each alias among its task's outlets: now and then an asset that no DAG names.
[[nodiscard]] AssetKey asset_through_an_alias(LaunchToken token);
// Of some numbers: the partition that an event is for.
[[nodiscard]] std::optional<std::string> partition_by_chance(std::uint64_t number);
inline constexpr const char* small_pool = "small";  // which users make, change and delete

// Its tasks and limits in a line or two.
[[nodiscard]] std::string words(const Dag& dag);

// A file with a DAG. Whoever changes it makes another version of the same DAG.
class DagFile {
 public:
  // Its schedule, if it has one, begins a little before `start`.
  DagFile(Random& random, int number, Time start);

  [[nodiscard]] const std::shared_ptr<const Dag>& dag() const { return dag_; }
  void change();
  // From now on runs come by hand alone, and failures pause nothing.
  void retire();

 private:
  [[nodiscard]] Value timetable();
  [[nodiscard]] Value condition();
  [[nodiscard]] Value tasks(Object& dag);
  void add_limits(Object& task);
  void add_mapping(Object& task, const std::vector<int>& upstream);

  Random& random_;
  std::string dag_id_;
  Time start_;
  int version_ = 0;
  enum class Kind { by_hand, by_time, continuous, by_assets, by_assets_or_time } kind_;
  bool is_patient_;  // its tasks look at the run before
  bool is_retired_ = false;
  std::shared_ptr<const Dag> dag_;
};

}  // namespace venturi::seeds
