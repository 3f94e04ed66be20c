ssh-keygen -q -t ed25519 -N '' -C comment -f key
ssh-keygen -q -t rsa -b 1024 -N secret -C other -f rsa
ssh-keygen -l -f key.pub | sed 's/SHA256:[^ ]*/HASH/'; ssh-keygen -y -P secret -f rsa | cut -c1-20
echo message > message; ssh-keygen -q -Y sign -n file -f key message
echo "me $(cat key.pub)" > allowed
ssh-keygen -Y verify -n file -I me -f allowed -s message.sig < message | sed 's/SHA256:.*/HASH/'
ssh-keygen -y -P wrong -f rsa || echo "status $?"
