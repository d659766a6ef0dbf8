# clean-up.sh: removes what a call of the step has put beside this file, but for its results. The files of a bundle
# move to where the next run looks for them, which believes their hashes alone.

cd "$(dirname "$0")" || exit
[ -O . ] || umask 022
if [ -e SHA256SUMS ] && [ ! -L ../kept ] && mkdir -p ../kept; then
  for name in code*.zip tzdata.zip cacert.pem; do
    sum=$(sed -n "s/^\([0-9a-f]*\)  $name\$/\1/p" SHA256SUMS)
    [ ! -f "$name" ] || mv -f "$name" "../kept/$sum" || true
  done
fi
exec rm -rf cli cli.pid python install.sh environment.sh unpack.py answer.py package.txt run.txt base.txt \
  clean-up.sh SHA256SUMS start.py code*.zip tzdata.zip cacert.pem
