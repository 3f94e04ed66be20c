export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='2001-02-03T04:05:06Z'
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
git init -q -b main repository; cd repository
for i in 1 2 3 4 5; do echo "line $i" >> file; git add file; git commit -q -m "commit $i"; done
git checkout -q -b side HEAD~2; echo side > other; git add other; git commit -q -m side
git merge -q -m merged main; git log --oneline --graph; git diff HEAD~1 --stat
git gc -q; git fsck --full; git clone -q . ../copy; git -C ../copy log -1 --format=%H
git grep -n 'line 3'; git blame file | cut -c1-8; git status --short
git archive HEAD | tar -t; git rev-parse HEAD
