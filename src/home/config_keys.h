// The one table of configuration keys. Settings, their checks, `config list` and docs/reference/configuration.md come from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace venturi {

enum class ConfigType {
  text,
  path,  // a relative one counts from the home
  integer,
  seconds,  // with fractions
  boolean,
};

struct ConfigKey {  // NOLINT(clang-analyzer-optin.performance.Padding): the order of the table's columns
  std::string_view section, key;
  ConfigType type;
  std::string_view default_value;  // as it would stand in an environment variable
  std::string_view description;
  std::int64_t minimum = 0;  // of integer and seconds
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::string_view choices = {};  // of text: the only values, separated by blanks
  bool secret = false;            // `config list` shows "***"
};

inline constexpr ConfigKey config_keys[] = {
    {"core", "dags_folder", ConfigType::path, "dags",
     "Folder with the DAG files: .yaml and .cpp files and compiled DAG programs."},
    {"core", "parallelism", ConfigType::integer, "32", "How many task instances may run at once, over all DAGs.", 1, 1'000'000},
    {"core", "max_active_tasks_per_dag", ConfigType::integer, "16",
     "How many task instances of one DAG run may run at once, for DAGs that do not say it themselves.", 1, 1'000'000},
    {"core", "max_active_runs_per_dag", ConfigType::integer, "16",
     "How many runs of one DAG may be active at once, for DAGs that do not say it themselves.", 1, 1'000'000},
    {"core", "max_consecutive_failed_dag_runs_per_dag", ConfigType::integer, "0",
     "So many failed runs in a row pause a DAG, for DAGs that do not say it themselves; 0: never.", 0, 1'000'000},
    {"core", "default_pool_task_slot_count", ConfigType::integer, "128",
     "Slots of default_pool, in which tasks run that name no other, until `venturi pools set` gives it others.", 0, 1'000'000},
    {"core", "default_timezone", ConfigType::text, "utc",
     "Time zone of schedules and dates without one: utc or a name like Europe/Berlin."},
    {"core", "rerun_with_latest_version", ConfigType::boolean, "false",
     "Whether what is cleared runs by the DAG as it is now, and not by the version that its run began with."},
    {"core", "dags_are_paused_at_creation", ConfigType::boolean, "true",
     "Whether a DAG that is seen for the first time begins paused."},
    {"core", "max_map_length", ConfigType::integer, "1024",
     "Longest list that a task is mapped over; a longer one fails the task that gave it.", 1, 1000000},
    {"core", "max_xcom_in_metadata", ConfigType::integer, "1048576",
     "Largest XCom value, in bytes, that is kept in the database; a larger one is kept in a file of the home.", 0, 16LL << 20},
    {"core", "max_xcom_bytes", ConfigType::integer, "67108864",
     "Largest XCom value, in bytes; what is larger belongs into a file of the run.", 1, 128LL << 20},
    {"core", "test_connection", ConfigType::text, "Disabled",
     "Whether the API tests connections that are handed to it; Hidden is Disabled, as in Airflow, where it hides a button.", 0,
     0, "Disabled Hidden Enabled"},
    {"core",
     "fernet_key",
     ConfigType::text,
     "",
     "Key that connections and variables are encrypted with, several with commas between: the first encrypts, all are tried. "
     "Empty: "
     "the file fernet_key of the home.",
     0,
     0,
     {},
     true},

    {"core", "min_free_disk_mib", ConfigType::integer, "200",
     "With less room on the disks of the home no run and no try is begun until there is more; 0: however little it is.", 0,
     1LL << 40},

    {"api", "host", ConfigType::text, "127.0.0.1", "Address at which the REST API listens: 0.0.0.0 for all of this machine's."},
    {"api", "port", ConfigType::integer, "8080", "Port of the REST API; 0: one that is free, told in run/api_url of the home.",
     0, 65535},
    {"api", "maximum_page_limit", ConfigType::integer, "100",
     "Most rows of one page of a list; who asks for more gets so many.", 1, 10'000},
    {"api", "expose_config", ConfigType::text, "False",
     "Whether the API shows this configuration. The values of secret keys are in none of it: True and non-sensitive-only are "
     "the "
     "same.",
     0, 0, "False True non-sensitive-only"},
    {"api",
     "admin_password",
     ConfigType::text,
     "",
     "Password of the user admin. Empty: the file admin_password of the home.",
     0,
     0,
     {},
     true},
    {"api", "metrics_are_public", ConfigType::boolean, "false",
     "Whether /metrics answers without a token; with false it takes the token of any user."},

    {"api_auth",
     "jwt_secret",
     ConfigType::text,
     "",
     "Key that the REST API's tokens are signed with. Empty: the file signing_key of the home.",
     0,
     0,
     {},
     true},

    {"database", "path", ConfigType::path, "venturi.db", "SQLite file of the metadata."},

    {"logging", "level", ConfigType::text, "INFO", "Least important messages that server and worker write about themselves.", 0,
     0, "DEBUG INFO WARNING ERROR CRITICAL"},
    {"logging", "file", ConfigType::text, "",
     "File of what the server writes about itself, within the home unless it begins with /; empty: stderr."},
    {"logging", "max_file_mib", ConfigType::integer, "50", "At this size that file is begun anew.", 1, 1'048'576},
    {"logging", "max_files", ConfigType::integer, "5", "How many former ones of it are kept.", 0, 1000},
    {"logging", "max_task_log_mib", ConfigType::integer, "256",
     "Largest log of one try; of what the task prints beyond it only the last lines are kept. 0: no limit.", 0, 1'048'576},
    {"logging", "compress_after_days", ConfigType::integer, "1",
     "Logs of ended runs that were last written to so long ago are compressed; 0: never.", 0, 36'500},

    {"retention", "interval_s", ConfigType::seconds, "3600", "How often the server looks for what is old; docs/operations.md.",
     1, 2'592'000},
    {"retention", "runs_days", ConfigType::integer, "90",
     "Runs that ended so long ago are deleted with all that belongs to them; 0: never.", 0, 36'500},
    {"retention", "runs_per_dag", ConfigType::integer, "10000", "How many runs of one DAG are kept at most; 0: any number.", 0,
     1'000'000'000},
    {"retention", "max_task_instances", ConfigType::integer, "1000000",
     "The newest runs are kept up to so many task instances over all DAGs; 0: any number.", 0, 1'000'000'000},
    {"retention", "keep_runs", ConfigType::integer, "10",
     "So many of the newest runs of each DAG are kept whatever their age and number.", 1, 1'000'000},
    {"retention", "xcoms_days", ConfigType::integer, "30", "XComs of runs that ended so long ago are deleted; 0: with the run.",
     0, 36'500},
    {"retention", "xcoms_runs_per_dag", ConfigType::integer, "0",
     "How many of the newest runs of one DAG keep their XComs; 0: all that are kept.", 0, 1'000'000'000},
    {"retention", "files_days", ConfigType::integer, "30", "Files of runs that ended so long ago are deleted; 0: with the run.",
     0, 36'500},
    {"retention", "files_runs_per_dag", ConfigType::integer, "0",
     "How many of the newest runs of one DAG keep their files; 0: all that are kept.", 0, 1'000'000'000},
    {"retention", "logs_days", ConfigType::integer, "30",
     "Task logs of runs that ended so long ago are deleted; 0: with the run.", 0, 36'500},
    {"retention", "logs_runs_per_dag", ConfigType::integer, "0",
     "How many of the newest runs of one DAG keep their task logs; 0: all that are kept.", 0, 1'000'000'000},
    {"retention", "dag_versions_days", ConfigType::integer, "30",
     "Versions of DAGs that were made so long ago, of which no run is left, are deleted with their programs; 0: never.", 0,
     36'500},
    {"retention", "dag_versions_per_dag", ConfigType::integer, "100",
     "How many of the newest versions of one DAG are kept with their programs, besides those that runs are left of; 0: any "
     "number.",
     0, 1'000'000'000},
    {"retention", "event_logs_days", ConfigType::integer, "365",
     "Rows of the event log, which says who changed what, that are so old are deleted; 0: never.", 0, 36'500},
    {"retention", "max_event_logs", ConfigType::integer, "1000000",
     "How many rows of the event log are kept at most; 0: any number.", 0, 1'000'000'000},
    {"retention", "asset_events_days", ConfigType::integer, "90",
     "Asset events so old that no DAG waits for are deleted; 0: never.", 0, 36'500},
    {"retention", "max_asset_events", ConfigType::integer, "1000000",
     "How many asset events are kept at most, besides those that a DAG waits for; 0: any number.", 0, 1'000'000'000},

    {"state_store", "default_retention_days", ConfigType::integer, "30",
     "How long a value in the state store of a task instance is kept that does not say it itself; 0: as long as its run.", 0,
     36'500},
    {"state_store", "max_value_storage_bytes", ConfigType::integer, "65535",
     "Largest value, in bytes of JSON, that the API writes into a state store; 0: any that fits into a request.", 0, 4LL << 20},

    {"scheduler", "partition_mapper_max_downstream_keys", ConfigType::integer, "1000",
     "How many runs one event of a partitioned asset may make of a DAG, unless the DAG's mapper says another number.", 1,
     1'000'000},

    {"worker", "parallelism", ConfigType::integer, "32", "How many tries one worker runs at once.", 1, 1'000'000},
    {"worker", "warm_idle_s", ConfigType::seconds, "60", "How long a warm process of a DAG program stays without work.", 0,
     86400},
    {"worker", "warm_max", ConfigType::integer, "32",
     "How many warm processes a worker keeps at most; the longest idle one ends first.", 1, 10'000},
    {"worker", "warm_memory_mib", ConfigType::integer, "256", "Memory limit of one warm process.", 1, 1'048'576},
    {"worker", "light_threads", ConfigType::integer, "32",
     "Threads of a DAG program's light process at most; docs/light-tasks.md.", 1, 10'000},
    {"worker", "server_grace_s", ConfigType::seconds, "60",
     "How long a worker without a server goes on after its last try ended.", 0, 86400},
    {"worker", "task_memory_mib", ConfigType::integer, "0", "Memory limit of one try; 0: none.", 0, 1'048'576},

    {"compiler", "command", ConfigType::text, "",
     "Compiler for DAG files in C++; empty: the first of clang++-19, clang++, g++ and c++ that is installed."},
    {"compiler", "flags", ConfigType::text, "-O1", "Further flags for it, separated by blanks."},
    {"compiler", "jobs", ConfigType::integer, "2", "How many compilers may run at once.", 1, 1024},
    {"compiler", "timeout_s", ConfigType::seconds, "120", "How long one compiler may run.", 1, 86400},
    {"compiler", "memory_mib", ConfigType::integer, "2048", "Memory limit of one compiler.", 64, 1'048'576},

    {"dag_processor", "refresh_interval_s", ConfigType::seconds, "5",
     "How often the DAGs folder is looked through for changes that were not notified.", 1, 86400},
    {"dag_processor", "answer_timeout_s", ConfigType::seconds, "5",
     "How long a DAG program may take to say what timetables and weight rules of its own say.", 1, 86400},
    {"dag_processor", "describe_timeout_s", ConfigType::seconds, "30", "How long a DAG program may take to describe its DAGs.",
     1, 86400},
};

// Whether a running server takes it over on SIGHUP.
constexpr bool is_reloaded(const ConfigKey& key) {
  return key.section == "retention" || (key.section == "logging" && key.key != "max_task_log_mib") ||
         (key.section == "core" && (key.key == "parallelism" || key.key == "min_free_disk_mib"));
}

// Index of "section.key" in the table; its size where there is none.
constexpr std::size_t find_config_key(std::string_view dotted) {
  std::size_t i = 0;
  for (const ConfigKey& key : config_keys) {
    if (dotted.size() == key.section.size() + 1 + key.key.size() && dotted.starts_with(key.section) &&
        dotted[key.section.size()] == '.' && dotted.ends_with(key.key)) {
      return i;
    }
    ++i;
  }
  return i;
}

}  // namespace venturi
