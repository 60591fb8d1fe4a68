#!/bin/sh
# PHOLD by looking through a list for the next message, in awk: as slow as it sounds, so it makes
# one event in a hundred. An arm of the experiment event-throughput.
read -r greeting
echo '{"fleetlab":1,"name":"scan","version":"1","capabilities":[]}'
# number KEY: the number behind a key of the request.
number() { printf '%s' "$line" | sed "s/.*\"$1\": *\([0-9]*\).*/\1/"; }
while read -r line; do
  case $line in *'"end"'*) exit 0 ;; esac
  events=$(($(number events) / 100))
  before=$(date +%s%N)
  awk -v population="$(number population)" -v events="$events" 'BEGIN {
    for (i = 0; i < population; i++) due[i] = -log(1 - rand())
    for (done = 0; done < events; done++) {
      first = 0
      for (i in due) if (due[i] < due[first]) first = i
      due[first] -= log(1 - rand())
    }
  }'
  rate=$((events * 1000000000 / ($(date +%s%N) - before)))
  echo "{\"trial\":$(number trial),\"work\":$events,\"metrics\":{\"events_per_second\":$rate}}"
done
