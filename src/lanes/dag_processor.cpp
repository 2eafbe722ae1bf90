#include "lanes/dag_processor.h"

#include <algorithm>

#include "lanes/dag_processor_impl.h"
#include "lanes/loop_slice.h"
#include "lanes/yaml/dag_file.h"

namespace venturi::lanes {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Builds remove a program before they write it anew: its DAGs do not go for that.
constexpr milliseconds removal_grace{1000};
// A file that was being written when it was read.
constexpr milliseconds retry_delay{500};
constexpr milliseconds save_delay{1000};

bool is_compiled(std::string_view path) {
  return path.ends_with(".cpp") || !project_of(path).empty();
}

bool is_header(std::string_view path) {
  static constexpr std::string_view extensions[] = {".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".ipp", ".tpp", ".def"};
  return std::ranges::any_of(extensions, [&](std::string_view e) { return path.ends_with(e); });
}

DagProcessorOptions without_last_slash(DagProcessorOptions options) {
  while (options.dags_folder.size() > 1 && options.dags_folder.ends_with('/')) options.dags_folder.pop_back();
  return options;
}

}  // namespace

DagProcessor::Impl::Impl(EventLoop& l, DagProcessorOptions o, DagProcessorCallbacks c)
    : loop(l),
      options(without_last_slash(std::move(o))),
      callbacks(std::move(c)),
      cache(options.cache),
      index(cache + "/files.json"),
      store(loop, cache, index),
      lane(loop, options.cpp, options.dags_folder, options.bundle, cache, store, index,
           [this](std::string_view of) { return folder.files_below(of); }),
      yaml_lane(options.dags_folder),
      folder(loop, options.dags_folder, options.rescan_interval, [this](const FolderChanges& changes) { on_changes(changes); }),
      projects(folder, options.dags_folder),
      last_good(read_last_good(cache + "/last_good.json")) {}

DagProcessor::Impl::~Impl() {
  for (const auto& timer : {pump_timer, grace_timer, retry_timer, save_timer}) {
    if (timer) loop.cancel(*timer);
  }
  if (save_timer) save();
}

void DagProcessor::Impl::on_changes(const FolderChanges& changes) {
  const bool is_first = !first_scan_found;
  if (changes.whole_folder) last_scan = SystemClock().now();
  if (is_first) {
    first_scan_found = true;
    first_scan = {changes.written.begin(), changes.written.end()};
    std::erase_if(last_good, [&](const auto& good) { return !first_scan.contains(good.first); });
    // Who had a DAG keeps it, whichever file is ready first now.
    for (const auto& [file, good] : last_good) {
      for (const std::string& dag_id : good.dag_ids) (void)owners.claim(dag_id, file);
    }
  }
  for (const std::string& relative : changes.removed) {
    if (files.contains(relative)) vanished(relative);
    look_for_project(relative);
    look_for_dependents(relative);
  }
  for (const std::string& relative : changes.written) {
    enqueue(relative);
    if (is_first) continue;
    look_for_project(relative);
    look_for_dependents(relative);
  }
  if (changes.whole_folder && changes.problems != folder_problems) {
    folder_problems = changes.problems;
    if (folder_problems.empty())
      callbacks.on_import_ok(".");
    else
      callbacks.on_import_error({".", folder_problems});
  }
  if (changes.whole_folder && !is_first) look_at_old_files();
  pump_soon();  // also for an empty first scan
}

// What belongs to a folder that is one program is nothing by itself.
bool DagProcessor::Impl::is_dag_file(const std::string& relative) {
  if (const auto unit = projects.unit_of(relative)) return *unit == relative;
  if (relative == bundle_file) return true;  // the lane says that it lies wrong
  const std::string file = options.dags_folder + "/" + relative;
  return YamlLane::is_dag_file(file) || CppLane::kind_of(file) != CppLane::Kind::none;
}

// A file of a project changed; or, where it is what makes one, all of the folder becomes part of it, or is by itself again.
void DagProcessor::Impl::look_for_project(const std::string& relative) {
  if (const std::string_view project = project_of(relative); !project.empty()) {
    for (const std::string& path : folder.files_below(project)) enqueue(path);
  }
  if (const auto unit = projects.unit_of(relative); unit && *unit != relative) enqueue(*unit);
}

// A header changed: what includes it is compiled again, and what does not compile may do so now.
void DagProcessor::Impl::look_for_dependents(const std::string& relative) {
  const std::string absolute = options.dags_folder + "/" + relative;
  for (const auto& [path, file] : files) {
    if (is_compiled(path) && ((is_header(relative) && (file.busy || file.error)) || file.includes.contains(absolute)))
      enqueue(path);
  }
}

// What no event told: headers outside of the folder, compilers and libraries that are there by now.
void DagProcessor::Impl::look_at_old_files() {
  for (const auto& [path, file] : files) {
    const bool may_work_now =
        file.error && (file.error_kind == ErrorKind::not_found || file.error_kind == ErrorKind::unavailable);
    const bool changed = std::ranges::any_of(file.includes, [](const auto& i) { return stamp_of(i.first) != i.second; });
    if (may_work_now || changed) enqueue(path);
  }
}

void DagProcessor::Impl::enqueue(const std::string& relative) {
  if (queued.insert(relative).second) queue.push_back(relative);
  pump_soon();
}

void DagProcessor::Impl::pump_soon() {
  if (pump_timer) return;
  pump_timer = loop.after(std::chrono::microseconds(0), [this] {
    pump_timer.reset();
    pump();
  });
}

void DagProcessor::Impl::pump() {
  const auto until = steady_clock::now() + loop_slice;
  while (!queue.empty() && steady_clock::now() < until) {
    const std::string relative = std::move(queue.front());
    queue.pop_front();
    queued.erase(relative);
    examine(relative);
  }
  if (!queue.empty()) return pump_soon();
  if (first_scan_found && !scanned && first_scan.empty()) {
    scanned = true;
    save_soon();
    callbacks.on_scanned();
  }
}

void DagProcessor::Impl::examine(const std::string& relative) {
  const auto known = files.find(relative);
  if (!is_dag_file(relative)) {
    if (known != files.end())
      vanished(relative);
    else
      forget_claims(relative, {});
    return outcome_of(relative);
  }
  vanishing.erase(relative);
  if (known == files.end()) {
    File& file = files[relative];
    file.generation = next_generation++;
    return load(relative, file);
  }
  if (known->second.busy)
    known->second.again = true;
  else
    load(relative, known->second);
}

void DagProcessor::Impl::load(const std::string& relative, File& file) {
  file.busy = true;
  file.again = false;
  if (yaml::has_yaml_name(relative)) return settle(relative, file.generation, yaml_lane.load(relative));
  lane.load(relative,
            [this, relative, generation = file.generation](Loaded loaded) { settle(relative, generation, std::move(loaded)); });
  // The last good program serves until the present one is ready. (An immediate outcome may have removed nothing but busy.)
  if (const auto it = files.find(relative); it != files.end() && it->second.busy) serve_last_good(relative, it->second);
}

void DagProcessor::Impl::settle(const std::string& relative, std::uint64_t generation, Loaded loaded) {
  const auto it = files.find(relative);
  if (it == files.end() || it->second.generation != generation) return;
  File& file = it->second;
  file.busy = false;
  if (file.again) enqueue(relative);
  if (loaded.error && loaded.error->kind == ErrorKind::conflict) {
    to_retry.push_back(relative);
    if (!retry_timer) {
      retry_timer = loop.after(retry_delay, [this] {
        retry_timer.reset();
        for (const std::string& path : std::exchange(to_retry, {})) enqueue(path);
      });
    }
    return;
  }
  if (loaded.error) {
    serve_last_good(relative, file);
    set_error(relative, file, loaded.error->kind, loaded.error->text());
  } else {
    file.includes.clear();
    for (const std::string& include : loaded.includes) file.includes[include] = stamp_of(include);
    apply(relative, file, loaded);
  }
  file.has_outcome = true;
  save_soon();
  outcome_of(relative);
}

void DagProcessor::Impl::vanished(const std::string& relative) {
  vanishing.insert(relative);
  if (grace_timer) return;
  grace_timer = loop.after(removal_grace, [this] {
    grace_timer.reset();
    after_grace();
  });
}

void DagProcessor::Impl::after_grace() {
  for (const std::string& relative : std::exchange(vanishing, {})) {
    if (!is_dag_file(relative))
      remove(relative);
    else
      enqueue(relative);
  }
}

void DagProcessor::Impl::remove(const std::string& relative) {
  const auto it = files.find(relative);
  if (it == files.end()) return;
  File file = std::move(it->second);
  files.erase(it);
  forget_claims(relative, file);
  for (const auto& [dag_id, served] : std::exchange(file.dags, {})) {
    for (const std::string& refused : owners.release(dag_id, relative)) enqueue(refused);
    callbacks.on_gone(dag_id);
  }
  if (file.error) callbacks.on_import_ok(relative);
  save_soon();
  outcome_of(relative);
}

// Counts down the files of the first scan.
void DagProcessor::Impl::outcome_of(const std::string& relative) {
  if (scanned) return;
  first_scan.erase(relative);
  if (first_scan.empty()) pump_soon();
}

void DagProcessor::Impl::save_soon() {
  if (save_timer) return;
  save_timer = loop.after(save_delay, [this] {
    save_timer.reset();
    save();
  });
}

void DagProcessor::Impl::save() {
  // Only spares the next start work: where it cannot be written that start does the work.
  (void)index.save(scanned);
  (void)write_last_good(cache + "/last_good.json", last_good);
}

std::set<std::string> DagProcessor::Impl::current_programs() {
  std::set<std::string> programs;
  for (const auto& [path, file] : files) {
    for (const auto& [dag_id, served] : file.dags) programs.insert(served.program);
  }
  for (std::string& program : lane.programs_in_work()) programs.insert(std::move(program));
  for (const auto& [path, good] : last_good) {
    if (const auto program = store.find(good.program_hash, stem_of(path))) programs.insert(program->path);
  }
  return programs;
}

DagProcessor::DagProcessor(EventLoop& loop, DagProcessorOptions options, DagProcessorCallbacks callbacks)
    : impl_(std::make_unique<Impl>(loop, std::move(options), std::move(callbacks))) {}

DagProcessor::~DagProcessor() = default;

Result<void> DagProcessor::start() {
  if (auto made = make_folder(impl_->options.dags_folder); !made) return made;
  if (auto opened = impl_->store.open(); !opened) return opened;
  if (auto opened = impl_->lane.open(); !opened) return opened;
  return impl_->folder.start();
}

void DagProcessor::rescan() {
  impl_->folder.rescan();
}

void DagProcessor::reparse(const std::string& file) {
  if (impl_->files.contains(file)) impl_->enqueue(file);
}

std::optional<Time> DagProcessor::last_scan() const {
  return impl_->last_scan;
}

void DagProcessor::keep_only(const std::set<std::string>& programs) {
  std::set<std::string> kept = impl_->current_programs();
  kept.insert(programs.begin(), programs.end());
  impl_->store.keep_only(kept);
  std::set<std::string> projects;
  for (const auto& [path, file] : impl_->files) {
    if (!project_of(path).empty()) projects.insert(path);
  }
  impl_->lane.forget_old(projects);
}

std::vector<std::string> DagProcessor::dag_ids() const {
  std::vector<std::string> ids;
  for (const auto& [path, file] : impl_->files) {
    for (const auto& [dag_id, served] : file.dags) ids.push_back(dag_id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> DagProcessor::failing_files() const {
  std::vector<std::string> failing;
  if (!impl_->folder_problems.empty()) failing.emplace_back(".");
  for (const auto& [path, file] : impl_->files) {
    if (file.error) failing.push_back(path);
  }
  return failing;
}

}  // namespace venturi::lanes
