#include "pages/moments.h"
#include "pages/simulation.h"

namespace venturi::pages {

std::string span_text(Duration span) {
  return duration_text(span);
}

std::optional<Duration> lateness(const sim::RunRecord& run) {
  if (!run.start_date) return std::nullopt;
  const Duration late = *run.start_date - run.run_after;
  return late < std::chrono::seconds(1) ? Duration{} : late;
}

std::string why_late(const sim::Report& report, const sim::RunRecord& run) {
  const auto late = lateness(run);
  if (late && *late == Duration{}) return {};
  if (!late) return report.to > run.run_after ? "max_active_runs, or its DAG is paused" : "";
  if (*run.start_date < report.from) return "it began before the simulation";
  if (*run.start_date == report.from) return "it was due before the simulation";
  return "max_active_runs";
}

std::string_view to_string(sim::Ending ending) {
  switch (ending) {
    case sim::Ending::success:
      return "success";
    case sim::Ending::failed:
      return "failed";
    case sim::Ending::skipped:
      return "skipped";
    case sim::Ending::killed:
      return "killed";
  }
  return "";
}

}  // namespace venturi::pages
