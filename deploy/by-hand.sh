#!/bin/sh
# A command of the program by hand on the one machine of deploy/systemd/: with the settings, the secrets and the rights
# of the service, so that no file of its database ever belongs to root.
#
#   install -m 755 deploy/by-hand.sh /usr/local/bin/tsunagu
#   tsunagu doctor
#
# Root calls it. Files it shall read or write lie below /mnt, with the rights of /var/lib/private/tsunagu.
set -eu

secrets=/etc/tsunagu/secrets
if [ -t 0 ] && [ -t 1 ]; then terminal=--pty; else terminal=--pipe; fi

exec systemd-run --quiet --wait --collect "$terminal" \
    --property=DynamicUser=yes --property=User=tsunagu \
    --property=StateDirectory=tsunagu --property=StateDirectoryMode=0700 \
    --property=WorkingDirectory=/var/lib/tsunagu \
    --property=EnvironmentFile=/etc/tsunagu/tsunagu.env \
    --setenv=DATA_DIR=/var/lib/tsunagu \
    --setenv=DATABASE_URL=sqlite+aiosqlite:////var/lib/tsunagu/tsunagu.db \
    --property=LoadCredential=data_key:$secrets/data_key \
    --property=LoadCredential=line_channel_secret:$secrets/line_channel_secret \
    --property=LoadCredential=line_channel_access_token:$secrets/line_channel_access_token \
    --property=ReadWritePaths=-/mnt \
    --property=LimitCORE=0 --property=UMask=0077 --property=NoNewPrivileges=yes --property=PrivateDevices=yes \
    /bin/sh -c '
        # The service manager puts no place of its own into what is set from outside.
        export DATA_KEY_FILE="$CREDENTIALS_DIRECTORY/data_key"
        if [ -z "$DESKS_FILE" ]; then
            export LINE_CHANNEL_SECRET_FILE="$CREDENTIALS_DIRECTORY/line_channel_secret"
            export LINE_CHANNEL_ACCESS_TOKEN_FILE="$CREDENTIALS_DIRECTORY/line_channel_access_token"
        fi
        exec /opt/tsunagu/bin/tsunagu "$@"
    ' tsunagu "$@"
