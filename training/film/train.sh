#!/bin/sh
# Trains both film networks, exports them to services/detector/model, and measures them on held-back films.
# Usage: sh training/film/train.sh WORK_FOLDER   (Python with requirements.txt; node with the detector built)
set -eu
work=$1
here=$(cd "$(dirname "$0")" && pwd)
model="$here/../../services/detector/model"
mkdir -p "$work"
cd "$here"
python3 lung_net.py --out "$work/lung.pt" --minutes 14
python3 cement_net.py --lung "$work/lung.pt" --out "$work/cement.pt" --steps 5000 --seed 2
python3 export.py --lung "$work/lung.pt" --cement "$work/cement.pt" --folder "$model"
npx biome format --write "$model"
python3 make_test_films.py --lung "$work/lung.pt" --out "$work/fit" --split train --positives 2 --mimics 2 --seed 78
python3 make_test_films.py --lung "$work/lung.pt" --out "$work/test" --split test --positives 3 --mimics 2 --seed 77
node run_detector.mjs "$work/fit" "$work/fit.ndjson" networks
echo 'Copy the following into FILM_SCORE of services/detector/src/core/parameters.ts, build, and go on:'
python3 fit_score.py "$work/fit.ndjson"
node run_detector.mjs "$work/test" "$work/test.ndjson" networks
node run_detector.mjs "$work/test" "$work/rules.ndjson" rules
python3 measure.py "$work/rules.ndjson"
python3 measure.py "$work/test.ndjson"
python3 make_test_films.py --lung "$work/lung.pt" --out "$work/many" --working --positives 6 --mimics 6 --variants 6 --seed 701
node run_detector.mjs "$work/many" "$work/many.ndjson" networks
python3 measure.py "$work/many.ndjson"
python3 gallery.py "$work/many" "$work/many.ndjson" "$work/gallery"
