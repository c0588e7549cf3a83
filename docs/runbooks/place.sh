# Sourced by whoever follows a runbook, after PLACE=local (or compose, or kubernetes with NAMESPACE) in a line of its own.
# Then every command of the pages works as it stands: logs, metrics, ready, restart, social.
case ${PLACE:-} in
  local | compose) ;;
  kubernetes) : "${NAMESPACE:=social}" ;;
  *) echo "say first where this is: PLACE=local, PLACE=compose or PLACE=kubernetes" >&2 ;;
esac

PROCESSES="auth-linker-api publisher-api analytics-api auth-linker-worker publisher-worker analytics-worker"

_port() { # of a process's probes or metrics, beside the others of SOCIAL_PORT_BASE
  base=$((${SOCIAL_PORT_BASE:-8100} + 1000))
  case $1 in
    auth-linker-api) echo $((base + 1)) ;; publisher-api) echo $((base + 2)) ;; analytics-api) echo $((base + 3)) ;;
    auth-linker-worker) echo $((base + 11)) ;; publisher-worker) echo $((base + 12)) ;; analytics-worker) echo $((base + 13)) ;;
    *) echo "which of: $PROCESSES" >&2; return 1 ;;
  esac
}

_get() { # the page at a port and path inside a replica: the images have Python, but no curl
  echo "import sys, urllib.request as r, urllib.error as e
try: print(r.urlopen('http://127.0.0.1:$1$2', timeout=10).read().decode())
except e.HTTPError as x: print(x.read().decode())"
}

_nowhere() {
  echo "PLACE is not local, compose or kubernetes: source docs/runbooks/place.sh after setting it" >&2
  return 1
}

_each() { # runs a line of Python in every replica of a process
  case $PLACE in
    local) python3 -c "$2" ;;
    compose)
      for id in $(docker compose ps -q "$1"); do docker exec "$id" python -c "$2"; done ;;
    kubernetes)
      for pod in $(kubectl -n "$NAMESPACE" get pods -l "app.kubernetes.io/name=${1%-*},app.kubernetes.io/component=${1##*-}" -o name); do
        kubectl -n "$NAMESPACE" exec "$pod" -- python -c "$2"
      done ;;
    *) _nowhere ;;
  esac
}

metrics() { # metrics PROCESS PATTERN: the lines of its metrics that match, of every replica
  port=$(_port "$1") || return
  _each "$1" "$(_get "$port" /metrics)" | grep -E "$2" | grep -v '^#'
}

ready() { # ready PROCESS: what each replica says of what it needs
  case $1 in *-api) port=$(($(_port "$1") - 1000)) ;; *) port=$(_port "$1") ;; esac
  _each "$1" "$(_get "$port" /readyz)"
}

logs() { # logs PROCESS: its last hour, one JSON object a line
  case $PLACE in
    local) cat "${SOCIAL_DATA_DIR:-.data}/logs/$1.log" ;;
    compose) docker compose logs --no-log-prefix --since 1h "$1" ;;
    kubernetes) kubectl -n "$NAMESPACE" logs "deployment/social-$1" --all-pods --prefix=false --since=1h ;;
    *) _nowhere ;;
  esac
}

restart() { # restart PROCESS: one replica after another, each drained
  case $PLACE in
    local) echo "make run starts its processes itself: stop it and start it again" ;;
    compose) docker compose restart "$1" ;;
    kubernetes) kubectl -n "$NAMESPACE" rollout restart "deployment/social-$1" && kubectl -n "$NAMESPACE" rollout status "deployment/social-$1" ;;
    *) _nowhere ;;
  esac
}

social() { # the operators' command; where it gets its settings from: docs/operating/events.md
  case $PLACE in
    local) .venv/bin/python -m social_cli "$@" --local ;;
    # Has every service's settings; what is asked of it is ours, not its own command.
    compose) docker compose run --rm --no-deps -e KAFKA_BOOTSTRAP_SERVERS=kafka:9092 migrate "$@" ;;
    kubernetes)
      kubectl -n "$NAMESPACE" scale deployment/social-operator --replicas=1 >/dev/null
      kubectl -n "$NAMESPACE" rollout status deployment/social-operator >/dev/null
      kubectl -n "$NAMESPACE" exec deployment/social-operator -- python -m social_cli "$@" ;;
    *) _nowhere ;;
  esac
}
